// A mail server with a mailbox for everybody, and what a test reads there.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { until } from "./deadline.mjs";

const SINK = fileURLToPath(new URL("./sink.mjs", import.meta.url));
const USER = ["switchboard", "p@ss word"];

export class Mailbox {
  #sink;
  #mails = [];

  /** Starts the mail server. It leaves the certificate that it is known by in `folder`. */
  static async open(folder) {
    const mailbox = new Mailbox();
    mailbox.certificate = join(folder, "mail.pem");
    mailbox.#sink = fork(SINK, [mailbox.certificate, ...USER]);
    const [{ port }] = await once(mailbox.#sink, "message");
    mailbox.url = `smtp://${USER.map(encodeURIComponent).join(":")}@localhost:${port}`;
    mailbox.#sink.on("message", ({ mail }) => mailbox.#mails.push(mail));
    return mailbox;
  }

  /** The oldest mail to somebody about something that was not taken from here yet, once it is there: with its code and link. */
  async take(to, subject) {
    const mail = await until(`a mail to ${to}: ${subject}`, () => {
      const at = this.#mails.findIndex((mail) => mail.to.includes(to) && mail.subject.includes(subject));
      return at >= 0 && this.#mails.splice(at, 1)[0];
    });
    assert.ok(mail.overTls, "no mail leaves in the clear");
    const [link] = mail.text.match(/http\S+\/(m|reset|undo)\/\S+/) ?? [];
    assert.ok(mail.html.includes("<h1") && (!link || mail.html.includes(link)), "both parts say it");
    return { ...mail, link, code: mail.text.match(/^\d{6}$/m)?.[0] };
  }

  close() {
    this.#sink.disconnect();
  }
}
