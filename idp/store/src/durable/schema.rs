//! The tables as `diesel` sees them; the same order as in the migrations.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    instance (id) {
        id -> Integer,
        epoch -> BigInt,
        created_at -> BigInt,
        audit_key -> Nullable<Binary>,
    }
}

table! {
    tenants (id) {
        id -> Binary,
        code -> Text,
        name -> Text,
        name_key -> Text,
        language -> Text,
        state -> Text,
        epoch -> BigInt,
        created_at -> BigInt,
    }
}

table! {
    policy_values (tenant, key) {
        tenant -> Binary,
        key -> Text,
        value -> Text,
    }
}

table! {
    accounts (id) {
        id -> Binary,
        tenant -> Binary,
        subject -> Binary,
        login -> Text,
        name -> Text,
        email -> Nullable<Text>,
        email_verified -> Bool,
        language -> Nullable<Text>,
        state -> Text,
        roles -> Text,
        epoch -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        mail_refused_at -> Nullable<BigInt>,
    }
}

table! {
    logins (tenant, key) {
        tenant -> Binary,
        key -> Text,
        account -> Binary,
    }
}

table! {
    passwords (account) {
        tenant -> Binary,
        account -> Binary,
        phc -> Text,
        temporary -> Bool,
        expires_at -> Nullable<BigInt>,
        changed_at -> BigInt,
    }
}

table! {
    throttles (key, lane) {
        key -> Binary,
        lane -> Integer,
        counter -> Text,
        updated_at -> BigInt,
    }
}

table! {
    known_browsers (account, digest) {
        tenant -> Binary,
        account -> Binary,
        digest -> Binary,
        expires_at -> BigInt,
    }
}

table! {
    clients (id) {
        id -> Binary,
        client_id -> Text,
        tenant -> Binary,
        name -> Text,
        auth_method -> Text,
        secret -> Nullable<Binary>,
        id_token_alg -> Text,
        pkce_required -> Bool,
        scopes -> Text,
        entitled_only -> Bool,
        refresh_is_activity -> Bool,
        backchannel_logout_uri -> Nullable<Text>,
        home_uri -> Nullable<Text>,
        epoch -> BigInt,
        enabled -> Bool,
        created_at -> BigInt,
    }
}

table! {
    client_uris (client, kind, uri) {
        client -> Binary,
        kind -> Text,
        uri -> Text,
    }
}

table! {
    entitlements (account, client) {
        tenant -> Binary,
        account -> Binary,
        client -> Binary,
    }
}

table! {
    browsers (id) {
        id -> Binary,
        digest -> Binary,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    sessions (id) {
        id -> Binary,
        browser -> Binary,
        tenant -> Binary,
        account -> Binary,
        auth_time -> BigInt,
        amr -> Text,
        acr -> Text,
        instance_epoch -> BigInt,
        tenant_epoch -> BigInt,
        account_epoch -> BigInt,
        answered -> Nullable<Binary>,
        started_at -> BigInt,
        last_seen -> BigInt,
        idle -> BigInt,
        idle_ends -> BigInt,
        ends -> BigInt,
        ended_at -> Nullable<BigInt>,
        remembered -> Bool,
        second -> Text,
        agent -> Text,
        address -> Text,
    }
}

table! {
    client_sessions (sid) {
        sid -> Binary,
        tenant -> Binary,
        session -> Binary,
        client -> Binary,
        subject -> Text,
        used_at -> BigInt,
    }
}

table! {
    grants (id) {
        id -> Binary,
        tenant -> Binary,
        account -> Binary,
        client -> Binary,
        session -> Binary,
        sid -> Binary,
        subject -> Text,
        scope -> Text,
        auth_time -> BigInt,
        acr -> Text,
        amr -> Text,
        instance_epoch -> BigInt,
        tenant_epoch -> BigInt,
        account_epoch -> BigInt,
        client_epoch -> BigInt,
        access_epoch -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

table! {
    codes (digest) {
        digest -> Binary,
        grant_id -> Binary,
        payload -> Text,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

table! {
    families (id) {
        id -> Binary,
        grant_id -> Binary,
        current_digest -> Binary,
        previous_digest -> Nullable<Binary>,
        generation -> BigInt,
        rotated_at -> BigInt,
        retried -> Bool,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

table! {
    signing_keys (id) {
        id -> Binary,
        algorithm -> Text,
        private -> Binary,
        created_at -> BigInt,
        active_from -> BigInt,
        retires_at -> Nullable<BigInt>,
    }
}

table! {
    audit (id) {
        id -> Binary,
        tenant -> Binary,
        at -> BigInt,
        actor -> Nullable<Binary>,
        address -> Nullable<Text>,
        event -> Text,
        payload -> Text,
        mac -> Binary,
        sealed -> Bool,
        about -> Nullable<Binary>,
    }
}

table! {
    audit_seals (tenant, seq) {
        tenant -> Binary,
        seq -> BigInt,
        audit_id -> Binary,
        mac -> Binary,
    }
}

table! {
    audit_heads (tenant) {
        tenant -> Binary,
        seq -> BigInt,
        mac -> Binary,
        newest_at -> BigInt,
    }
}

table! {
    mails (id) {
        id -> Binary,
        tenant -> Binary,
        account -> Nullable<Binary>,
        kind -> Text,
        mailbox -> Binary,
        by_stranger -> Bool,
        state -> Text,
        told -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    outbox (id) {
        id -> Binary,
        tenant -> Binary,
        kind -> Text,
        payload -> Text,
        created_at -> BigInt,
        next_at -> BigInt,
        expires_at -> BigInt,
        attempts -> Integer,
        done_at -> Nullable<BigInt>,
        outcome -> Text,
    }
}

table! {
    one_time (digest) {
        digest -> Binary,
        tenant -> Binary,
        account -> Binary,
        purpose -> Text,
        payload -> Text,
        instance_epoch -> BigInt,
        tenant_epoch -> BigInt,
        account_epoch -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        attempts -> Integer,
        superseded -> Bool,
    }
}

table! {
    changes (id) {
        id -> Binary,
        topic -> Text,
        key -> Text,
        at -> BigInt,
    }
}

table! {
    second_factors (account) {
        tenant -> Binary,
        account -> Binary,
        by_email -> Bool,
        app_seed -> Nullable<Binary>,
        app_step -> BigInt,
        failures -> Integer,
        due_since -> Nullable<BigInt>,
    }
}

table! {
    journeys (id) {
        id -> Binary,
        tenant -> Binary,
        account -> Binary,
        payload -> Text,
        code -> Nullable<Binary>,
        code_at -> Nullable<BigInt>,
        codes -> Integer,
        tries -> Integer,
        instance_epoch -> BigInt,
        tenant_epoch -> BigInt,
        account_epoch -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

table! {
    passkeys (id) {
        id -> Binary,
        tenant -> Binary,
        account -> Binary,
        credential -> Binary,
        key -> Text,
        name -> Text,
        synced -> Bool,
        made_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

table! {
    connectors (id) {
        id -> Binary,
        tenant -> Binary,
        name -> Text,
        kind -> Text,
        label -> Text,
        issuer -> Text,
        client_id -> Text,
        secret -> Binary,
        domains -> Text,
        directories -> Text,
        enabled -> Bool,
    }
}

table! {
    upstream_identities (id) {
        id -> Binary,
        tenant -> Binary,
        account -> Binary,
        connector -> Binary,
        issuer -> Text,
        subject -> Text,
        shown -> Text,
        made_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

table! {
    upstream_answers (digest) {
        digest -> Binary,
        expires_at -> BigInt,
    }
}

table! {
    trusted_browsers (id) {
        id -> Binary,
        tenant -> Binary,
        account -> Binary,
        device -> Binary,
        agent -> Text,
        instance_epoch -> BigInt,
        tenant_epoch -> BigInt,
        account_epoch -> BigInt,
        made_at -> BigInt,
        expires_at -> BigInt,
    }
}

allow_tables_to_appear_in_same_query!(audit, audit_seals, tenants);

allow_tables_to_appear_in_same_query!(upstream_identities, connectors);

allow_tables_to_appear_in_same_query!(
    accounts,
    tenants,
    sessions,
    browsers,
    instance,
    grants,
    families,
    clients,
    client_sessions,
    passwords,
    entitlements,
    logins
);
