//! Clients' shares of sessions: what a client knows a session by (`sid`), and who has to hear when it ends.

use diesel::prelude::*;
use idp_core::ids::{ClientKey, SessionId, Sid, TenantId};
use idp_core::logout::Notice;
use idp_core::time::Timestamp;

use crate::durable::conn::{each_backend, update};
use crate::durable::schema::{client_sessions, clients};
use crate::durable::{Read, StoreError, Write};

/// A client's share of a session, to be made or renewed.
#[derive(Clone, Debug)]
pub struct Share {
    /// The name it gets if it is new.
    pub sid: Sid,
    /// The company.
    pub tenant: TenantId,
    /// The session.
    pub session: SessionId,
    /// The client.
    pub client: ClientKey,
    /// The person as the client knows him.
    pub subject: String,
}

/// Gives a client its share of a session and returns the name it is known by, which stays the same.
///
/// # Errors
/// If the statement fails.
pub fn give(w: &mut Write<'_>, share: &Share, now: Timestamp) -> Result<Sid, StoreError> {
    let known = client_sessions::session
        .eq(share.session.bytes().to_vec())
        .and(client_sessions::client.eq(share.client.bytes().to_vec()));
    let set = client_sessions::used_at.eq(now.micros());
    // Hot, and RETURNING: every authorization comes by, and nearly always the share is there.
    let there: Option<Vec<u8>> = each_backend!(w, |c| update(client_sessions::table, set, known)
        .returning(client_sessions::sid)
        .get_result(c)
        .optional())?;
    if let Some(sid) = there {
        return sid_of(&sid);
    }
    let row = (
        client_sessions::sid.eq(share.sid.bytes().to_vec()),
        client_sessions::tenant.eq(share.tenant.bytes().to_vec()),
        client_sessions::session.eq(share.session.bytes().to_vec()),
        client_sessions::client.eq(share.client.bytes().to_vec()),
        client_sessions::subject.eq(&share.subject),
        client_sessions::used_at.eq(now.micros()),
    );
    // ON CONFLICT and RETURNING: one statement makes it or finds what another transaction made meanwhile.
    let sid: Vec<u8> = each_backend!(w, |c| diesel::insert_into(client_sessions::table)
        .values(row)
        .on_conflict((client_sessions::session, client_sessions::client))
        .do_update()
        .set(client_sessions::used_at.eq(now.micros()))
        .returning(client_sessions::sid)
        .get_result(c))?;
    sid_of(&sid)
}

fn sid_of(bytes: &[u8]) -> Result<Sid, StoreError> {
    Sid::from_slice(bytes).ok_or_else(|| StoreError::row("client_sessions", "sid"))
}

/// When these sessions were last used for a client.
///
/// # Errors
/// If the statement fails.
pub fn used_for(
    r: &mut Read<'_>,
    ids: &[SessionId],
    client: ClientKey,
) -> Result<Vec<(SessionId, Timestamp)>, StoreError> {
    let mut found = Vec::new();
    // Hot, and one by one: there is hardly ever more than one, and a list is prepared anew at each run.
    for id in ids {
        let both =
            client_sessions::session.eq(id.bytes().to_vec()).and(client_sessions::client.eq(client.bytes().to_vec()));
        let at: Option<i64> = each_backend!(r, |c| client_sessions::table
            .filter(both)
            .select(client_sessions::used_at)
            .get_result(c)
            .optional())?;
        found.extend(at.map(|at| (*id, Timestamp::from_micros(at))));
    }
    Ok(found)
}

/// The session that a client knows by that name.
///
/// # Errors
/// If the statement fails.
pub fn session(r: &mut Read<'_>, sid: Sid) -> Result<Option<SessionId>, StoreError> {
    let row: Option<Vec<u8>> = client_sessions::table
        .filter(client_sessions::sid.eq(sid.bytes().to_vec()))
        .select(client_sessions::session)
        .get_result(r.conn)
        .optional()?;
    row.map(|id| SessionId::from_slice(&id).ok_or_else(|| StoreError::row("client_sessions", "session"))).transpose()
}

/// The clients that share in a session.
///
/// # Errors
/// If the statement fails.
pub fn of(r: &mut Read<'_>, session: SessionId) -> Result<Vec<Notice>, StoreError> {
    type Row = (Vec<u8>, String, String, String, Option<String>);
    let rows: Vec<Row> = client_sessions::table
        .inner_join(clients::table.on(clients::id.eq(client_sessions::client)))
        .filter(client_sessions::session.eq(session.bytes().to_vec()))
        .order(clients::client_id)
        .select((
            client_sessions::sid,
            client_sessions::subject,
            clients::client_id,
            clients::name,
            clients::backchannel_logout_uri,
        ))
        .load(r.conn)?;
    let read = |(sid, subject, client_id, client_name, uri): Row| {
        let sid = sid_of(&sid)?;
        Ok(Notice { client_id, client_name, uri, sid, subject })
    };
    rows.into_iter().map(read).collect()
}

/// The names of the clients that have a part in these sessions.
///
/// # Errors
/// If the statement fails.
pub fn names(r: &mut Read<'_>, sessions: &[SessionId]) -> Result<Vec<(SessionId, String)>, StoreError> {
    let ids: Vec<Vec<u8>> = sessions.iter().map(|id| id.bytes().to_vec()).collect();
    let rows: Vec<(Vec<u8>, String)> = client_sessions::table
        .inner_join(clients::table.on(clients::id.eq(client_sessions::client)))
        .filter(client_sessions::session.eq_any(ids))
        .order(clients::name)
        .select((client_sessions::session, clients::name))
        .load(r.conn)?;
    let read = |(id, name): (Vec<u8>, String)| {
        let id = SessionId::from_slice(&id).ok_or_else(|| StoreError::row("client_sessions", "session"))?;
        Ok((id, name))
    };
    rows.into_iter().map(read).collect()
}
