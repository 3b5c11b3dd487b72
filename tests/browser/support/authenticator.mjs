// An authenticator app, as a person has one on the phone (RFC 6238).
import { createHmac } from "node:crypto";

/** Reads base 32, blanks left out. */
function decode(text) {
  const bits = [...text.replaceAll(/\s/g, "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/** The app with the key that a page shows; its clock is the one that tests move. */
export function authenticator(secret, demo) {
  const key = decode(secret);
  /** The code of so many steps from now. */
  return (steps = 0) => {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(demo.now() / 30_000) + steps));
    const digest = createHmac("sha1", key).update(counter).digest();
    const value = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff;
    return String(value % 1_000_000).padStart(6, "0");
  };
}
