# English. Every message says what happened and what to do next, in two sentences at most.

## Every page

title-page = { $title } – { $brand }
title-error = Error: { $title }
skip = Skip to content
language = Language
menu = Menu
theme-dark = dark
theme-light = light
theme-system = system
theme-button = Theme: { $now }. Change to { $next }
pages = Pages
pages-home = Apps
pages-settings = Settings
pages-admin = Admin console
sign-out = Sign Out
terms = Terms of Service
privacy = Privacy Policy
error-summary = There is a problem
password = Password
show = Show
show-label = Show password
hide = Hide
hide-label = Hide password
optional = { $label } (optional)
none = none
reference = Reference
sign-in-again = Sign in again
back-to-sign-in = Back to sign in
use-another-account = Use another account
error-busy = Many people are signing in at this moment. Try again in a few seconds.

## Sign in

continue = Continue
signin-change-name = Change the username or email
signin-title = Sign in
signin-to = to continue to { $rp }
signin-identifier = Username or email
signin-identifier-hint = For example, 201-{ $tenant }
signin-identifier-hint-any = For example, 201-yourcompany
signin-button = Sign In
signin-other-company = Sign in to another company
signin-choose = Choose an account
signin-add-company = Add your company
signin-error-wrong = Your username or password is not right. Check both, or ask your administrator for a new password.
signin-error-empty-identifier = Enter your username or email
signin-error-empty-password = Enter your password

notice-signed-out-idle = You were signed out after a while without activity. Sign in to continue.
notice-confirm-identity = Confirm it is you. Sign in again to continue.
notice-session-ended = Your session has ended. Sign in to continue.

company-title = Which company?
company-name = Company name or code
company-name-hint = For example, wickedsprockets. Your administrator knows it.
company-account = Account
company-account-hint = Your username or email
company-remember = Remember this company on this device
company-error-no-match = We could not find a company and account that match. Check both.
company-error-unknown = We do not know the company { $company }. Check the address, or enter your company here.
company-error-empty-company = Enter your company name or code

choose-title = Choose an account
choose-signed-in = Signed in
choose-signed-out = Signed out
choose-remove = Remove
choose-remove-label = Remove { $name }

wait-title = Too many attempts
wait-text =
    { $minutes ->
        [one] Try again in 1 minute (at { $at }).
       *[other] Try again in { $minutes } minutes (at { $at }).
    }
wait-help = Forgotten your password? Ask your administrator for a new one while you wait.
wait-done = You can sign in again now.

denied-title = Access denied: you do not have access to { $rp }
denied-ask = Ask the administrator of { $company } to give you access.
denied-apps = Your other apps
denied-account = Go to your account

change-password = Change Password
password-new = New password
password-new-hint =
    { $count ->
        [one] At least 1 character. Several words in a row are strong and easy to remember.
       *[other] At least { $count } characters. Several words in a row are strong and easy to remember.
    }
password-confirm = Confirm new password
password-username = Username
password-must-title = Choose a new password
password-must-text = Your password is temporary. Choose one of your own to continue.
password-error-too-short =
    { $count ->
        [one] Your new password is too short. Choose one with at least 1 character.
       *[other] Your new password is too short. Choose one with at least { $count } characters.
    }
password-error-too-long = Your new password is too long. Choose a shorter one.
password-error-common = This password is easy to guess: a known one, or a name of yours. Choose another.
password-error-mismatch = The two new passwords are not the same. Enter the new password again in both fields.
password-error-wrong-current = Your current password is not right. Check it and try again.
password-error-same = Your new password is the same as the old one. Choose another.
password-error-empty = Enter your new password in both fields

signout-title = Sign out of { $product }?
signout-text = You will be signed out in this browser, in every app that shares this sign-in.
signout-stay = Stay signed in
signedout-title = You are signed out
signedout-from = Signed out of:
signedout-may-stay = { $portal } may stay signed in for up to { $minutes } minutes. Close it to be safe.
signedout-text = You can close this page or sign in again.

## Account

home-title = Hello, { $name }
home-apps = Your apps
home-no-apps = No app is open to you yet. Ask the administrator of { $company } for access.
home-account = Your account
home-company = Company
home-last-sign-in = Last sign-in
home-last-by-password = { $time }, { $browser }, password
home-last-by-email = { $time }, { $browser }, email
home-advice-email = Add an email, so you can reset your password and use sign-in links.
home-advice-email-link = Add an email
home-advice-second = A second factor keeps others out who learn your password.
home-advice-second-link = Turn it on
home-advice-codes = You have few backup codes left.
home-advice-codes-link = Make new ones
settings-title = Settings
settings-current = Current password
settings-others = Sign me out everywhere else
settings-others-hint = Choose this if somebody else may know your old password.
settings-others-forced = You will be signed out everywhere else.
settings-saved = Your password was changed. You stay signed in here.
settings-no-password = You sign in without a password. With one you can sign in also where your email is not at hand.
settings-error-empty = Enter your current password, then the new one twice

## Administration

accounts-title = Accounts
accounts-company = Company
accounts-switch = Switch
accounts-search = Name, username or email
accounts-search-button = Search
accounts-all = Show all accounts
accounts-none = No account yet. Create the first one.
accounts-none-plain = No account yet.
accounts-no-match = No account matches “{ $search }”.
accounts-caption = Accounts of { $company }
accounts-name = Name
accounts-username = Username
accounts-email = Email
accounts-roles = Roles
accounts-state = State
accounts-actions = Actions
accounts-next = Next page
accounts-new = New account
accounts-unlock = Unlock
accounts-lock = Lock
accounts-reset = New password
accounts-back = Back to accounts
state-active = Active
state-invited = Not signed in yet
state-waiting = Waiting until { $until }
state-locked = Locked
state-disabled = Disabled
role-agent = Agent
role-supervisor = Supervisor
role-auditor = Auditor
role-tenant-admin = Tenant admin
role-support = Support
role-system-admin = System admin
admin-unlocked = { $who } is unlocked and can sign in again.
admin-locked = { $who } is locked and signed out everywhere.

newaccount-title = New account
newaccount-username-hint = For example, 201. It becomes 201-{ $tenant }.
newaccount-language = Language
newaccount-language-company = Language of the company
newaccount-portals = Portals
newaccount-no-portals = Without a portal the person can sign in here, but not open anything.
newaccount-button = Create account
newaccount-cancel = Cancel
newaccount-error-taken = Another account has this username. Choose another.
newaccount-error-bad-username = A username starts with a letter or digit and has letters, digits, dots, hyphens and underscores. Check it and try again.
newaccount-error-bad-email = This is not an email address. Enter one like name@example.com, or leave the field empty.
newaccount-error-empty-name = Enter the name of the person
newaccount-error-bad-name = A name has at most 100 characters and no web address in it. Enter the name of the person.
newaccount-error-empty-username = Enter a username, for example 201.
newaccount-error-role-above-yours = You cannot give a role above your own. Choose another, or ask someone with more rights.
newaccount-error-bad-portal = One of the portals is not available to this company. Choose from the list again.

handover-title = Temporary password for { $username }
handover-text =
    { $hours ->
        [one] It is shown only once and is valid for 1 hour.
       *[other] It is shown only once and is valid for { $hours } hours.
    }
handover-steps = Hand it over in person or by phone. A new password must be chosen at the first sign-in.
handover-copy = Copy
handover-copied = Copied
confirm-lock-title = Lock { $who }?
confirm-lock-text = The person is signed out everywhere at once, and stays out until somebody unlocks the account.
confirm-reset-title = New password for { $who }?
confirm-reset-text = The old password stops working and the person is signed out everywhere. You get a temporary password to hand over.
confirm-reset-button = Make a new password

## Problems

problem-bad-request-title = This sign-in request is not set up correctly
problem-bad-request-error = Go back to the app and try again. If it happens again, send reference { $reference } to your administrator.
problem-start-again-title = Start again
problem-start-again-error = Your sign-in took longer than an hour, or cookies are blocked. Start again here.
problem-tenant-off-title = { $company } is switched off
problem-tenant-off-error = Nobody can sign in to { $company } at this time. Contact { $vendor }.
problem-not-found-title = Page not found
problem-not-found-error = There is nothing at this address. Check it, or go to the start page.
problem-method-title = This page does not work that way
problem-method-error = The address was opened in a way it does not support. Go to the start page and follow the links from there.
problem-gone-title = This page has expired
problem-gone-error = It was used already, or something changed meanwhile. Go to the start page and look again.
problem-stale-title = This page was open for too long
problem-stale-error = Go back, reload the page and try again. Nothing was changed.
problem-forbidden-title = You cannot do that here
problem-forbidden-error = Your account has no permission for this. Ask your administrator if you need it.
problem-broken-title = There is a problem on our side
problem-broken-error = Try again in a few minutes. If it happens again, send reference { $reference } to your administrator.
problem-unavailable-title = We are not available right now
problem-unavailable-error = The service is restarting or busy. Try again in { $time }.
problem-too-large-title = That was too much at once
problem-too-large-error = The request was larger than we accept. Go back and send less.
problem-start-page = Go to the start page
problem-try-again = Try again
problem-details = Details for administrators
time-seconds =
    { $count ->
        [one] 1 second
       *[other] { $count } seconds
    }
time-minutes =
    { $count ->
        [one] 1 minute
       *[other] { $count } minutes
    }
mail-or-copy = If the button does nothing, copy this address:
mail-until = It works once, and until { $time }.
mail-test-subject = A test from { $brand }
mail-test-heading = Mail works
mail-test-text = This mail was sent to see whether the mail server takes it. It did.
mail-sign-in-subject = Sign in to { $brand }
mail-sign-in-heading = Sign in to { $brand }
mail-sign-in-button = Sign in
mail-sign-in-code = Or type this code where you asked for it:
mail-asked-by = It was asked for from { $browser }.
mail-not-you = Was it not you? Delete this mail; nothing happens without it.
signin-by-email = Sign in with email
wait-help-email = A link by email does not have to wait: go back and choose “Sign in with email”.
email-sent-title = Check your email
email-sent-text =
    { $minutes ->
        [one] If { $identifier } has an account, we sent a link and a code. They work for 1 minute.
       *[other] If { $identifier } has an account, we sent a link and a code. They work for { $minutes } minutes.
    }
email-sent-again = Another email is on its way. Only the newest link and code work.
email-code = Code from the email
email-code-hint = Six digits
email-code-error-empty = Enter the code from the email.
email-code-error-wrong = That code is not right, or it was tried too often. Check the newest email, or send another.
email-error-too-soon = An email was sent less than a minute ago. Wait a moment, then send another.
email-send-again = Send again
email-send-again-hint = You can send another email after a minute.
email-send-again-in = Send again in { $seconds } seconds.
email-sent-help = No email? Look in your spam folder. If your account has no email address, ask your administrator.
email-other-way = Sign in another way
link-title = Sign in to { $company }
link-text = As { $username }, on this device.
link-button = Sign in on this device
link-not-you = You did not ask for this? Close this page. Nothing happens.
link-over-title = This link no longer works
link-over-error-used = It was used already. Send yourself a new one, or sign in another way.
link-over-error-newer = A newer one was sent. Check your email for it, or send yourself another.
link-over-error-expired = Links work for a short time only. Send yourself a new one, or sign in another way.
link-over-error-another = Another link was opened in this browser since. Open the one you mean once more, from its email.
link-another-title = Which link do you mean?
link-over-button = Go to sign in
link-over-anew = Email me a new link
link-over-help = Nothing arrives? Ask your administrator to invite you again.
signin-forgot = Forgot password?
forgot-title = Reset your password
forgot-text = We send you a link to set a new one.
forgot-button = Send reset link
forgot-no-email = No email address on your account? Contact your system administrator to reset your password.
forgot-error-empty = Enter your username or email.
forgot-sent-text =
    { $minutes ->
        [one] If { $identifier } has an account with an email address, we sent a link. It works for 1 minute.
       *[other] If { $identifier } has an account with an email address, we sent a link. It works for { $minutes } minutes.
    }
reset-title = Set a new password
reset-text = This signs you out everywhere else.
mail-reset-subject = Set a new password for { $brand }
mail-reset-heading = Set a new password
mail-for = For { $username }.
mail-reset-button = Set a new password
mail-welcome-subject = Welcome to { $company }
mail-welcome-heading = Welcome, { $name }
mail-welcome-text = { $company } has made an account for you.
mail-welcome-names = Your username is { $username }; you can sign in with { $email }, too.
mail-welcome-link = The button signs you in without a password. It works until { $time }, and once.
mail-welcome-password = Sign in with the password below and choose your own. It works until { $time }, and once.
mail-welcome-once = Your password for the first time:
mail-welcome-later = Later, or if the button has expired, sign in at { $address } and choose “Sign in with email”.
accounts-invite = Invite again
admin-invited = An invitation was sent to { $who }.
state-invited-sent = Invited
state-invited-bounced = Invitation refused
state-invited-waiting = Invitation waits
state-silent = Email refused
accounts-allow-mail = Try email again
admin-mail-allowed = Emails go to { $who } again.
admin-no-mail = No invitation was sent to { $who }: there is no email address, or no mail server. Give a temporary password instead.
help = Help
help-title = If you cannot get in
help-no-invitation = No invitation arrived
help-no-invitation-answer = Look in your spam folder first. Then ask your administrator which email address your account has, and to invite you again. If you know your username, choose “Sign in with email” on the sign-in page: that sends you a link at once.
help-link = The link has expired
help-link-answer = Links work once, and only for a while. Choose “Sign in with email” on the sign-in page for a new one; only the newest works.
help-forgot = You forgot your password
help-forgot-answer = Choose “Forgot password?” on the sign-in page, or sign in with email: that needs no password.
help-no-address = Your account has no email address
help-no-address-answer = Ask your administrator: he can give you a password for your next sign-in, or add an address.
help-wait = Too many attempts
help-wait-answer = After five wrong passwords you have to wait a quarter of an hour, longer the next time. A browser in which you have signed in before has tries of its own. Your administrator can end the wait.
help-phone = Your phone is lost, or a code is not accepted
help-phone-answer = Choose another way on the page that asks for the code: a backup code you wrote down, or a code by email. A code from an app is refused when the clock of the phone is wrong. If nothing is left, your administrator can give you a backup code that works once.
help-locked = Your account is locked
help-locked-answer = After five wrong verification codes the account stays locked until your administrator unlocks it. Ask somebody you know to be him, not somebody who calls you.
mail-code-subject = { $code } is your verification code
mail-code-heading = Your verification code
mail-address-code-subject = { $code } confirms your email address
mail-address-code-heading = Confirm your email address
mail-code-not-you = Was it not you? Somebody knows your password: change it, and give this code to nobody.
mail-happened-where = It was at { $time }, from { $browser }, address { $address }.
mail-happened-when = It was at { $time }.
mail-happened-button = This was not me
mail-happened-help = Was it you? Then there is nothing to do.
mail-password-changed-subject = Your password was changed
mail-password-changed-text = The password of { $username } was changed.
mail-new-browser-subject = A sign-in from a new browser
mail-new-browser-text = Somebody signed in as { $username } from a browser that was not used for this account before.
mail-app-on-subject = An authenticator app was set up
mail-app-on-text = Signing in as { $username } now takes a code from an authenticator app.
mail-email-codes-on-subject = Codes by email were turned on
mail-email-codes-on-text = Signing in as { $username } now takes a code that we send to this address.
mail-second-factor-off-subject = Two-factor authentication was turned off
mail-second-factor-off-text = Two-factor authentication of { $username }, or one of its methods, was turned off.
mail-backup-codes-made-subject = New backup codes were made
mail-backup-codes-made-text = The backup codes of { $username } are new. The old ones no longer work.
mail-backup-code-used-subject = A backup code was used
mail-backup-code-used-text = Somebody signed in as { $username } with a backup code.
mail-backup-code-issued-subject = Your administrator issued a backup code
mail-backup-code-issued-text = An administrator made a backup code with which { $username } can sign in once.
mail-locked-subject = Your account is locked
mail-locked-text = Somebody knew the password of { $username } and then gave too many wrong verification codes. Only your administrator can unlock the account.
mail-address-changed-subject = Your email address was changed
mail-address-changed-text = At { $time } the email address of { $username } was changed to { $new }.
mail-address-changed-undo = Until { $time } you can take that back here; everybody is then signed out.
second-title = Enter your verification code
second-backup-title = Enter a backup code
second-app-text = Open your authenticator app and enter the 6-digit code.
second-email-text = We sent a 6-digit code to { $mailbox }.
second-email-ask = We can send a 6-digit code to { $mailbox }.
second-backup-text = Enter one of your backup codes, or one that your administrator gave you.
second-key-title = Confirm with a passkey
second-key-text = Use the fingerprint, face or screen lock of a device that has a passkey for your account.
second-key-button = Use a passkey
second-key-needs-scripts = Passkeys need scripts, which are off in this browser. Turn them on, or try another way.
second-code = Verification code
second-backup-code = Backup code
second-backup-hint = For example, abcd-2345
second-again = We sent a new code to the same address. Only the newest works.
second-verify = Verify
second-cancel = Cancel
second-resend = Resend
second-send = Send a code
second-other = Try another way
second-use-app = Use your authenticator app
second-use-email = Get a code by email
second-use-key = Use a passkey
second-use-backup = Use a backup code
second-ask-admin = Nothing works? Ask your administrator for a backup code.
second-trust =
    { $days ->
        [one] Don’t ask again for 1 day
       *[other] Don’t ask again for { $days } days
    }
second-trust-hint = In this browser only. Not on a computer that others use.
second-attempts-left = You have { $count } login attempt(s) before your account is locked
second-error-empty = Enter the code.
second-error-length = The code has 6 digits. Check it, and enter all of them.
second-error-wrong-email = That code is not right. Check the newest email.
second-error-wrong-app = That code is not right. Check that the clock of your phone is right, or wait for the next code.
second-error-wrong-backup = That code is not right. Check it, or choose one that you have not used.
second-error-used = That code was already used. Wait for the next one.
second-error-expired = That code has expired. Check your email: we sent a new one.
second-error-too-many = We already sent many codes. Try again at { $time }, or choose another way.
setup-title = Protect your account
setup-text = { $company } asks for a second step when you sign in, so that a stolen password is not enough.
setup-none = No method is open to you. Ask your administrator for help.
setup-key = Make a passkey (recommended)
setup-key-text = Your fingerprint, face or screen lock, on this device or in a password manager that syncs. Nothing to type, and no false page can take it.
setup-key-button = Use a passkey
setup-app = Set up an authenticator app
setup-app-text = An app on your phone shows a new code every 30 seconds. It works without a network.
setup-app-button = Use an app
setup-email = Codes by email
setup-email-text = We send a code to { $mailbox } each time you sign in.
setup-email-button = Use email
setup-email-title = Confirm your email
setup-app-scan = Scan this with your authenticator app.
setup-app-type = Or type this key into the app:
setup-confirm = Confirm
setup-skip = Skip for now
setup-days =
    { $count ->
        [one] You can do this later: 1 day left.
       *[other] You can do this later: { $count } days left.
    }
codes-title = Save your backup codes
codes-on = Two-factor authentication is on.
codes-text = Each of them signs you in once when you have nothing else. Keep them where you find them without your phone. They are not shown again.
codes-replaced = The codes you had before no longer work.
codes-copy = Copy
codes-copied = Copied
codes-download = Download
codes-print = Print
codes-saved = I saved these codes
locked-title = Your account is locked
locked-text =
    { $count ->
        [one] There was 1 wrong verification code. Ask your administrator to unlock it.
       *[other] There were { $count } wrong verification codes. Ask your administrator to unlock it.
    }
locked-back = Back to sign in
security = Security
security-title = Security settings
security-password = Password
security-set = Set
security-not-set = Not set
security-set-password = Set password
security-second = Two-factor authentication
security-second-text = A second step when you sign in: a stolen password is not enough then.
security-second-off = Your company does not use it.
security-second-required = Your company requires it, so the last method cannot be turned off.
security-app = Authenticator app
security-email-codes = Codes by email
security-backup-codes = Backup codes
security-on = On
security-off = Off
security-codes-left =
    { $count ->
        [one] 1 left
       *[other] { $count } left
    }
security-few-codes = You have few backup codes left. Make new ones.
security-turn-on = Turn on
security-turn-off = Turn off
security-set-up = Set up
security-new-codes = Make new codes
security-needs-email = Confirm an email address in the settings first.
security-trusted = Trusted browsers
security-trusted-none = You are asked for a code in every browser.
security-trusted-until = Until { $time }
security-distrust = Ask again
security-devices = Signed-in devices
security-this-device = This device
security-device-since = Signed in { $time }
security-device-seen = Last seen { $time }
security-device-apps = Opened: { $apps }
security-unknown-browser = Unknown browser
security-sign-out = Sign out
security-sign-out-others = Sign out everywhere else
security-activity = Recent activity
security-activity-none = Nothing yet.
security-activity-help = Something here was not you? Change your password, and sign out everywhere else.
security-notice-off = That method is turned off.
security-notice-signed-out = Signed out there.
security-notice-distrusted = This browser is asked for a code again.
security-notice-review = You signed in with a code from your administrator. Set up a method that you have with you.
security-notice-check-passkeys = Your password is new, and you are signed out everywhere else. Look through your passkeys and connected accounts, and take away those that you do not know.
security-go-on = Not now, continue
security-confirm-off-title = Turn off two-factor authentication?
security-confirm-off-text = After that a password alone is enough. Your backup codes and trusted browsers go, too.
security-confirm-codes-title = Make new backup codes?
security-confirm-codes-text = The codes you have now stop working, and trusted browsers are asked again. The new ones are shown once: have a place ready to keep them.
security-notice-page-over = That page was used before, or is too old. Below is how things stand now.
activity-signed-in = You signed in
activity-sign-in-failed = A sign-in failed
activity-wait-began = Too many wrong passwords: sign-in had to wait
activity-signed-out = Signed out
activity-password-changed = Password changed
activity-password-recovered = Password set by email
activity-password-reset = An administrator made a temporary password
activity-invited = An invitation was sent
activity-issued-code-used = You signed in with a code from your administrator
activity-mail-allowed = Emails go to your address again
activity-locked = An administrator locked the account
activity-unlocked = An administrator unlocked the account
activity-switched = An administrator switched the account on or off
activity-second-on = A second factor was set up
activity-second-on-app = An authenticator app was set up
activity-second-on-email = Codes by email were turned on
activity-second-off = A second factor was turned off
activity-second-off-app = The authenticator app was turned off
activity-second-off-email = Codes by email were turned off
activity-codes-made = New backup codes
activity-code-used = A backup code was used
activity-code-issued = An administrator made a backup code
activity-guesses = Locked after too many wrong codes
activity-trusted = A browser was trusted
activity-distrusted = A browser is no longer trusted
activity-email-changed = Email address changed
activity-email-undone = Change of email address taken back
activity-account-made = The account was made
address-card = Email address
address-none = No email address yet.
address-unconfirmed = Not confirmed
address-new = New email address
address-new-hint = We send a code there. Until you enter it, nothing changes.
address-button = Send a code
address-saved = Your email address is changed.
address-error-empty = Enter the new email address.
address-error-wrong = Enter an address such as name@company.com.
address-error-same = This is your address already. Enter another.
undo-title = Take the change back?
undo-text = { $username } gets back the email address that this message went to. Everybody is signed out, and the password no longer works: you set a new one by email.
undo-button = Take it back
undo-done-title = The change is taken back
undo-done-text = Sign in with an email link, and set a new password.
language-card = Language
language-button = Save language
settings-set-password = Set password
admin-code-title = Give { $who } a backup code
admin-code-text = It signs in once in place of the second factor. The person still needs a password or an email link, and is told by email.
admin-code-reason = Reason
admin-code-reason-hint = It is kept in the audit log. For example, lost phone; called back on the desk number.
admin-code-error-reason = Enter why the person needs it.
admin-code-button = Make a backup code
admin-code-shown = Backup code for { $who }
admin-code-life =
    { $count ->
        [one] It works once, for 1 hour. It is not shown again.
       *[other] It works once, for { $count } hours. It is not shown again.
    }
accounts-backup-code = Backup code
security-activity-more = Older events
link-needs-code = This link works only in the browser where you asked for it. Type the code from the email there, or get a new code here.
link-code-button = Email me a code
security-again = Set up again
mail-password-reset-subject = Your administrator made a new password for you
mail-password-reset-text = The password of { $username } was replaced by one for the next sign-in. Your administrator gives it to you.
settings-theme = Theme
settings-theme-dark = Dark
settings-theme-light = Light
settings-theme-system = As the system
settings-theme-button = Save theme
undo-yours = The change was yours? Close this page. Nothing happens.
security-off-app-title = Turn off the authenticator app?
security-off-app-text = You are still asked for a code by email when you sign in. Your trusted browsers are asked again.
security-off-email-title = Turn off codes by email?
security-off-email-text = You are still asked for a code from your authenticator app when you sign in. Your trusted browsers are asked again.
security-code-error-over = That code was tried too often, or is too old. Send yourself another: turn on “Codes by email” once more.
address-error-too-many = You asked for many codes. Try again in an hour.
address-error-over = That code was tried too often, or is too old. Send another.
mail-code-type = Type it where you were asked for it:
mail-address-code-not-you = Somebody entered this address for an account here. Was it not you? Delete this mail; nothing happens without the code.
setup-email-help = No email? Look in your spam folder, and check the address.
mail-email-changed-text = Mails about { $username } go to another address from now on. Was it not you? Tell your administrator now.
mail-welcome-code = The button leads to the sign-in page. Choose “Sign in with email” there: you get a code and need no password.
signin-by-passkey = Sign in with a passkey
signin-by-password = Use your password
last-used = Last used
app-title = This app window cannot see the passkeys on this device
app-text = Windows Hello and iCloud Keychain keep them for the browser. Passkeys of { $host } work here; one that was made at another address, such as a test system, does not.
app-email = Email me a code
app-browser = Open in the browser
app-other = Use your phone or password manager
app-back-title = You are signed in
app-back-text = Go back to the app window. It goes on by itself.
app-back-here = Go on in the browser instead
sso-button = Sign in with { $provider }
sso-cancelled = You did not sign in with { $provider }. Try again or use another way.
sso-refused = { $provider } did not confirm your sign-in. Try again or use another way.
sso-down = { $provider } is not answering. Use another way to sign in.
sso-outside = Your company does not allow this { $provider } account. Choose another one, or use another way to sign in.
sso-outside-domain = Your company does not allow { $provider } accounts from { $domain }. Choose another one, or use another way to sign in.
sso-over = Your sign-in took too long. Start again.
sso-no-account = No account here matches { $mail }. Ask your administrator to invite you.
sso-barred = Your account is locked or switched off. Ask your administrator.
ways-title = Other ways to sign in
ways-text = Enter your company. We show you how its people can sign in.
ways-link = Other ways to sign in
ways-error-none = The people of “{ $company }” sign in here, with a password, by email or with a passkey. Go back to sign in.
connect-title = Connect { $provider } to your account
connect-text = You are signed in to { $provider } as { $mail }.
connect-once = Sign in to your { $company } account once to connect them.
connect-cancel = Cancel
connect-confirm = From now on, { $mail } signs in to { $username }. Connect them only if both are yours.
connect-button = Connect
connect-taken = That account is already connected to another user of your company.
security-connected = Connected accounts
security-connected-text = Sign in with an account that you have at another provider.
security-notice-connected = Connected. Next time it takes you straight in.
security-notice-disconnected = Disconnected. It signs nobody in to your account any more.
connected-made = Connected { $time }
connected-off = Switched off by your company
connected-disconnect = Disconnect
connected-connect = Connect { $provider }
connected-last = Nothing else but passkeys would be left to sign in with. Choose a password or enter an email first.
passkey-follow = Follow the prompt from your device.
passkey-cancelled = Passkey sign-in was cancelled. Try again or use another way.
passkey-error-unknown = This passkey is no longer registered here. Sign in another way.
passkey-error-wrong = That passkey was not accepted. Try again or use another way.
security-passkeys = Passkeys
security-passkeys-text = Sign in with your fingerprint, face or screen lock. Passkeys made here work only on { $host }. You can have up to 10.
passkey-synced = On all your devices
passkey-one-device = On one device
passkey-made = Made { $time }
passkey-used = Last used { $time }
passkey-change = Change
passkey-add = Add a passkey
passkey-new-title = Sign in faster next time
passkey-new-text = Use your fingerprint, face or screen lock. Your device asks you next. A password manager that syncs keeps the passkey on all your devices.
passkey-needs-scripts = Passkeys need scripts, which are off in this browser. Turn them on, or go back.
passkey-create = Create a passkey
passkey-not-now = Not now
passkey-never = Don’t show this again on this device
passkey-none-made = No passkey was created. Try again, or choose “Not now”.
passkey-error-not-made = No passkey was created. Start again with “Add a passkey”.
passkey-error-exists = This device already has a passkey for your account. Sign in with that one.
passkey-error-full = You already have 10 passkeys. Choose one below and revoke it first.
passkey-error-last = This is your only way to sign in. Choose a password or enter an email first.
passkey-name = Name
passkey-name-hint = What you know it by
passkey-rename = Rename
passkey-revoke = Revoke
passkey-revoke-text = Once revoked, it signs nobody in any more. Do this if you lost the device.
passkey-back = Back to security
security-notice-passkey-made = Your passkey is ready.
security-notice-passkey-revoked = That passkey is revoked.
activity-passkey-made = A passkey was added
activity-passkey-revoked = A passkey was revoked
activity-identity-connected = An account at another provider was connected
activity-identity-disconnected = An account at another provider was disconnected
mail-passkey-made-subject = A passkey was added
mail-passkey-made-text = { $username } can now be signed in to with a new passkey.
mail-passkey-revoked-subject = A passkey was revoked
mail-passkey-revoked-text = A passkey of { $username } was revoked. It signs nobody in any more.
mail-connected-subject = Another way to sign in was connected
mail-connected-text = { $username } can now be signed in to by an account at another provider.
mail-disconnected-subject = A way to sign in was disconnected
mail-disconnected-text = An account at another provider was disconnected from { $username }. It signs nobody in any more.
home-last-by-passkey = { $time }, { $browser }, passkey
home-last-by-upstream = { $time }, { $browser }, another provider
