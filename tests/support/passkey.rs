//! An authenticator in software (WebAuthn sections 6.1 and 6.5): it signs what it is told, also what a real one never
//! would.

use ciborium::Value as Cbor;
use data_encoding::BASE64URL_NOPAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::nid::Nid;
use openssl::pkey::Private;
use openssl::sha::sha256;
use serde_json::{Value, json};

use crate::browser::{Browser, Page};

/// The person was there, and was verified.
pub const PRESENT: u8 = 1;
/// See [`PRESENT`].
pub const VERIFIED: u8 = 1 << 2;
const ATTESTED: u8 = 1 << 6;

/// A passkey, with everything that may be wrong about it.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// The private key.
    pub key: EcKey<Private>,
    /// What it is known by.
    pub credential: Vec<u8>,
    /// What it knows the account by.
    pub handle: Vec<u8>,
    /// How often it has signed; none if it doesn't count.
    pub counter: u32,
    /// What it says of the person.
    pub flags: u8,
    /// Where it thinks it is.
    pub origin: String,
    /// For whom it signs.
    pub host: String,
}

/// What a page tells the browser.
///
/// # Panics
/// If it tells nothing.
pub fn options(page: &Page) -> Value {
    let told = page.body.split("data-options=\"").nth(1).and_then(|rest| rest.split('"').next());
    let told = told.unwrap_or_else(|| panic!("no options: {}", page.text()));
    serde_json::from_str(&told.replace("&#34;", "\"").replace("&quot;", "\"").replace("&amp;", "&")).expect("JSON")
}

/// The page for a new one, of somebody who is in.
pub async fn new_page(browser: &Browser, session: &str) -> Page {
    let page = browser.get(&format!("/account/security?as={session}")).await;
    browser.fill(&page, "/account/security/passkey", &[]).await
}

/// Sends what a script would put into the page's form.
pub async fn confirm(browser: &Browser, page: &Page, answer: &Value) -> Page {
    browser.fill(page, "/account/security/passkey/confirm", &[("credential", &answer.to_string())]).await
}

/// What a browser is told for a sign-in: the options, and what has to come back.
///
/// # Panics
/// If it is told nothing.
pub async fn ask(browser: &Browser) -> (Value, String) {
    let told = browser.get("/login/passkey").await;
    assert_eq!(told.headers["cache-control"], "no-store");
    let told: Value = serde_json::from_str(&told.body).expect("JSON");
    (told["options"].clone(), told["state"].as_str().expect("text").to_owned())
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

impl Passkey {
    /// Makes one, as a page asks for it: the passkey, and what the browser sends.
    pub fn make(options: &Value, origin: &str) -> (Self, Value) {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("the curve");
        let key = EcKey::generate(&group).expect("a key");
        let bytes = |at: &Value| BASE64URL_NOPAD.decode(at.as_str().expect("text").as_bytes()).expect("base64url");
        let passkey = Self {
            credential: sha256(&key.private_key().to_vec()).to_vec(),
            handle: bytes(&options["user"]["id"]),
            counter: 0,
            flags: PRESENT | VERIFIED,
            origin: origin.to_owned(),
            host: options["rp"]["id"].as_str().expect("a host").to_owned(),
            key,
        };
        let answer = passkey.attest(options);
        (passkey, answer)
    }

    /// Makes one for somebody who is in.
    ///
    /// # Panics
    /// If it is not taken.
    pub async fn add(browser: &Browser, session: &str, origin: &str) -> Self {
        let page = new_page(browser, session).await;
        let (passkey, answer) = Self::make(&options(&page), origin);
        let done = confirm(browser, &page, &answer).await;
        assert!(done.location().contains("done=passkey-made"), "{} {}", done.location(), done.text());
        passkey
    }

    fn client_data(&self, what: &str, options: &Value) -> Vec<u8> {
        let data =
            json!({ "type": what, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false });
        data.to_string().into_bytes()
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let mut data = sha256(self.host.as_bytes()).to_vec();
        data.push(self.flags | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// What the browser sends after making it.
    pub fn attest(&self, options: &Value) -> Value {
        self.attest_as("webauthn.create", options, |_| {})
    }

    /// The same for another ceremony, or with another key (RFC 9053 section 7.1) than this one has.
    pub fn attest_as(&self, what: &str, options: &Value, spoil: impl FnOnce(&mut Vec<(Cbor, Cbor)>)) -> Value {
        let (mut x, mut y) = (BigNum::new().expect("a number"), BigNum::new().expect("a number"));
        let mut work = BigNumContext::new().expect("room");
        self.key.public_key().affine_coordinates(self.key.group(), &mut x, &mut y, &mut work).expect("a point");
        let number = |n: i64| Cbor::Integer(n.into());
        let coordinate = |n: &BigNum| Cbor::Bytes(n.to_vec_padded(32).expect("32 bytes"));
        let mut key = vec![
            (number(1), number(2)),
            (number(3), number(-7)),
            (number(-1), number(1)),
            (number(-2), coordinate(&x)),
            (number(-3), coordinate(&y)),
        ];
        spoil(&mut key);
        let mut data = self.data(ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential.len()).expect("a short id").to_be_bytes());
        data.extend(&self.credential);
        ciborium::into_writer(&Cbor::Map(key), &mut data).expect("bytes");
        let object = Cbor::Map(vec![
            (Cbor::Text("fmt".into()), Cbor::Text("none".into())),
            (Cbor::Text("attStmt".into()), Cbor::Map(Vec::new())),
            (Cbor::Text("authData".into()), Cbor::Bytes(data)),
        ]);
        let mut attestation = Vec::new();
        ciborium::into_writer(&object, &mut attestation).expect("bytes");
        json!({
            "id": text(&self.credential), "rawId": text(&self.credential), "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": text(&self.client_data(what, options)),
                "attestationObject": text(&attestation),
                "transports": ["internal"],
            },
        })
    }

    /// What the browser sends after a sign-in.
    pub fn sign(&self, options: &Value) -> Value {
        self.sign_as("webauthn.get", options)
    }

    /// The same for another ceremony.
    pub fn sign_as(&self, what: &str, options: &Value) -> Value {
        let (client, data) = (self.client_data(what, options), self.data(0));
        let signed = [data.as_slice(), &sha256(&client)].concat();
        let signature = EcdsaSig::sign(&sha256(&signed), &self.key).and_then(|s| s.to_der()).expect("a signature");
        json!({
            "id": text(&self.credential), "rawId": text(&self.credential), "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": text(&client),
                "authenticatorData": text(&data),
                "signature": text(&signature),
                "userHandle": text(&self.handle),
            },
        })
    }
}
