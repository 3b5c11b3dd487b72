// Waiting for something that will be true soon. Nothing here sleeps for a fixed time and hopes.

/** How long anything may take. A busy machine with two cores needs more than one would think. */
export const DEADLINE = 15_000;

/** Asks until the answer is something other than `undefined` or `false`, and returns it. */
export async function until(what, ask, within = DEADLINE) {
  const end = Date.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${within} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
