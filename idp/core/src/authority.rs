//! Who may do what. A use case that needs permission takes a proof as an argument; only [`Actor::manage`] and its
//! siblings make one, and only the extractors of the server and its command line call them.

use std::collections::BTreeSet;

use crate::ids::{AccountId, SessionId, TenantId};

/// What somebody is in his company, or for the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Works with a portal; has nothing to do in the console.
    Agent,
    /// Looks after a team: sees accounts, lets people in again.
    Supervisor,
    /// Sees, changes nothing.
    Auditor,
    /// Runs one company.
    TenantAdmin,
    /// The vendor's staff: runs companies for them.
    Support,
    /// The vendor's operators.
    SystemAdmin,
}

impl Role {
    /// All of them, weakest first.
    pub const ALL: [Self; 6] =
        [Self::Agent, Self::Supervisor, Self::Auditor, Self::TenantAdmin, Self::Support, Self::SystemAdmin];

    /// The word a row holds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Auditor => "auditor",
            Self::TenantAdmin => "tenant_admin",
            Self::Support => "support",
            Self::SystemAdmin => "system_admin",
        }
    }

    /// Reads a row's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }

    /// Roles that only the vendor's own people can have.
    pub fn is_vendors(self) -> bool {
        match self {
            Self::Support | Self::SystemAdmin => true,
            Self::Agent | Self::Supervisor | Self::Auditor | Self::TenantAdmin => false,
        }
    }

    /// Nobody grants, resets or locks above his own rank.
    pub fn rank(self) -> u8 {
        match self {
            Self::Agent => 0,
            Self::Supervisor | Self::Auditor => 1,
            Self::TenantAdmin => 2,
            Self::Support => 3,
            Self::SystemAdmin => 4,
        }
    }

    /// What the role allows, within one company.
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Agent => &[],
            Self::Supervisor => &[Permission::ViewAccounts, Permission::UnlockAccount],
            Self::Auditor => &[Permission::ViewAccounts],
            Self::TenantAdmin | Self::Support | Self::SystemAdmin => &Permission::ALL,
        }
    }
}

/// One thing that can be done in the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// See the accounts of a company.
    ViewAccounts,
    /// Make an account.
    CreateAccount,
    /// Invite somebody again.
    InviteAccount,
    /// Let somebody in again: ends a lock and a wait.
    UnlockAccount,
    /// Keep somebody out, at once and everywhere.
    LockAccount,
    /// Give somebody a new one-time password.
    ResetPassword,
    /// Give somebody a code for once in place of the second factor.
    IssueBackupCode,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ViewAccounts,
        Self::CreateAccount,
        Self::InviteAccount,
        Self::UnlockAccount,
        Self::LockAccount,
        Self::ResetPassword,
        Self::IssueBackupCode,
    ];

    /// The operation's name, the same in routes, audit and tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::ViewAccounts => "view_accounts",
            Self::CreateAccount => "create_account",
            Self::InviteAccount => "invite_account",
            Self::UnlockAccount => "unlock_account",
            Self::LockAccount => "lock_account",
            Self::ResetPassword => "reset_password",
            Self::IssueBackupCode => "issue_backup_code",
        }
    }
}

/// A signed-in person, as far as authority is concerned.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub account: AccountId,
    /// Where he belongs.
    pub home: TenantId,
    /// True if that is the vendor.
    pub is_vendor: bool,
    /// What he is there.
    pub roles: BTreeSet<Role>,
}

/// The strongest rank among these roles.
pub fn rank(roles: &BTreeSet<Role>) -> u8 {
    roles.iter().map(|r| r.rank()).max().unwrap_or(0)
}

impl Actor {
    /// May he do this in that company? Vendor roles count only for the vendor's people, and only they reach elsewhere.
    pub fn may(&self, permission: Permission, tenant: TenantId) -> bool {
        self.roles.iter().any(|role| {
            let reaches = if role.is_vendors() { self.is_vendor } else { self.home == tenant };
            reaches && role.permissions().contains(&permission)
        })
    }

    /// May he open the console at all?
    pub fn has_console(&self) -> bool {
        self.may(Permission::ViewAccounts, self.home)
    }

    /// The proof that he may look at a company's accounts.
    pub fn view(&self, tenant: TenantId) -> Option<TenantViewer> {
        self.may(Permission::ViewAccounts, tenant).then_some(TenantViewer { tenant })
    }

    /// The proof that he may do this to a company's accounts.
    pub fn manage(&self, permission: Permission, tenant: TenantId) -> Option<TenantAdmin> {
        self.may(permission, tenant).then(|| TenantAdmin {
            by: Some(self.account),
            home: self.home,
            tenant,
            permission,
            rank: rank(&self.roles),
            grants_vendor_roles: self.is_vendor && tenant == self.home,
        })
    }
}

/// Proof: may look at the accounts of one company.
#[derive(Debug)]
pub struct TenantViewer {
    tenant: TenantId,
}

impl TenantViewer {
    /// The company it is good for.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }
}

/// Proof: may do one thing to the accounts of one company.
#[derive(Debug)]
pub struct TenantAdmin {
    by: Option<AccountId>,
    home: TenantId,
    tenant: TenantId,
    permission: Permission,
    rank: u8,
    grants_vendor_roles: bool,
}

impl TenantAdmin {
    /// The operator at the command line, who has the database and its keys in hand anyway.
    pub fn operator(permission: Permission, tenant: TenantId, tenant_is_vendor: bool) -> Self {
        Self { by: None, home: tenant, tenant, permission, rank: u8::MAX, grants_vendor_roles: tenant_is_vendor }
    }

    /// Who acts; nobody with an account if it is the operator.
    pub fn by(&self) -> Option<AccountId> {
        self.by
    }

    /// Where the one who acts belongs.
    pub fn home(&self) -> TenantId {
        self.home
    }

    /// The company it is good for.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The rank he acts with.
    pub fn rank(&self) -> u8 {
        self.rank
    }

    /// True if this proof is for that action: a use case checks that it wasn't handed another's.
    pub fn is_for(&self, permission: Permission) -> bool {
        self.permission == permission
    }

    /// May this be done to somebody with these roles?
    pub fn may_touch(&self, roles: &[Role]) -> bool {
        roles.iter().all(|r| r.rank() <= self.rank)
    }

    /// May these roles be given? Never above one's own, and vendor roles only to the vendor's people.
    pub fn may_grant(&self, roles: &[Role]) -> bool {
        self.may_touch(roles) && (self.grants_vendor_roles || !roles.iter().any(|r| r.is_vendors()))
    }
}

/// Proof: runs the whole installation. Only the command line makes one until the console's system pages exist.
#[derive(Debug)]
pub struct SystemAdmin(());

impl SystemAdmin {
    /// The operator at the command line.
    pub fn operator() -> Self {
        Self(())
    }
}

/// Proof: this person holds this account, in this session.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The account.
    pub account: AccountId,
    /// Its company.
    pub tenant: TenantId,
    /// The session in which he is here.
    pub session: SessionId,
}

/// The proof that a person has shown just now that he holds the account, and all that he has to show: credentials
/// change hands with nothing less. Made by [`crate::signin::second_factor::confirm`] only.
#[derive(Clone, Debug)]
pub struct Confirmed(Holder);

impl Confirmed {
    pub(crate) fn new(holder: Holder) -> Self {
        Self(holder)
    }

    /// Who.
    pub fn holder(&self) -> &Holder {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn tenant(n: u8) -> TenantId {
        TenantId::at(Timestamp::from_micros(0), [n; 16])
    }

    fn actor(role: Role, is_vendor: bool) -> Actor {
        Actor { account: AccountId::from_bytes([1; 16]), home: tenant(1), is_vendor, roles: [role].into() }
    }

    #[test]
    fn an_admin_reaches_his_own_company_only() {
        let admin = actor(Role::TenantAdmin, false);
        assert!(admin.manage(Permission::LockAccount, tenant(1)).is_some());
        assert!(admin.manage(Permission::LockAccount, tenant(2)).is_none());
        assert!(admin.view(tenant(2)).is_none());
    }

    #[test]
    fn a_vendor_role_is_worth_nothing_outside_the_vendor() {
        assert!(!actor(Role::SystemAdmin, false).may(Permission::ViewAccounts, tenant(1)));
        assert!(actor(Role::Support, true).may(Permission::ViewAccounts, tenant(2)));
    }

    #[test]
    fn nobody_touches_or_grants_above_himself() {
        let admin = actor(Role::TenantAdmin, false).manage(Permission::ResetPassword, tenant(1)).unwrap();
        assert!(admin.may_touch(&[Role::TenantAdmin]));
        assert!(!admin.may_touch(&[Role::Agent, Role::Support]));
        assert!(!admin.may_grant(&[Role::Support]));
        let supervisor = actor(Role::Supervisor, false).manage(Permission::UnlockAccount, tenant(1)).unwrap();
        assert!(!supervisor.may_touch(&[Role::TenantAdmin]));
    }

    #[test]
    fn vendor_roles_stay_with_the_vendor() {
        let system = actor(Role::SystemAdmin, true);
        assert!(system.manage(Permission::CreateAccount, tenant(1)).unwrap().may_grant(&[Role::Support]));
        assert!(!system.manage(Permission::CreateAccount, tenant(2)).unwrap().may_grant(&[Role::Support]));
    }
}
