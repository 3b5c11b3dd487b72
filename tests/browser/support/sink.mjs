// A mail server, as a process of its own: STARTTLS with a certificate of its own, a user and a password, and a mailbox for
// everybody. It tells its parent where it listens and every mail that it takes.
import { writeFile } from "node:fs/promises";

import { simpleParser } from "mailparser";
import { generate } from "selfsigned";
import { SMTPServer } from "smtp-server";

const [certificate, user, password] = process.argv.slice(2);
const names = [{ type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }];
const pair = await generate([{ name: "commonName", value: "localhost" }], {
  keyType: "ec",
  algorithm: "sha256",
  extensions: [{ name: "basicConstraints", cA: false }, { name: "subjectAltName", altNames: names }],
});
await writeFile(certificate, pair.cert);

const server = new SMTPServer({
  key: pair.private,
  cert: pair.cert,
  authMethods: ["PLAIN"],
  onAuth(auth, _session, done) {
    const known = auth.username === user && auth.password === password;
    done(known ? null : new Error("Unknown user"), { user });
  },
  onData(stream, session, done) {
    simpleParser(stream).then(({ headers, text, html, subject }) => {
      const { mailFrom, rcptTo } = session.envelope;
      const envelope = { from: mailFrom.address, to: rcptTo.map(({ address }) => address) };
      const from = headers.get("from").value[0].name;
      process.send({ mail: { ...envelope, name: from, subject, text, html, overTls: session.secure } }, () => done());
    }, done);
  },
});
server.on("error", () => {}); // a client that does not trust the certificate hangs up
server.listen(0, "127.0.0.1", () => process.send({ port: server.server.address().port }));
process.on("disconnect", () => process.exit());
