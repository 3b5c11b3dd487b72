# Deutsch. Jede Meldung sagt, was geschehen ist und was als Nächstes zu tun ist, in höchstens zwei Sätzen.

## Jede Seite

title-page = { $title } – { $brand }
title-error = Fehler: { $title }
skip = Zum Inhalt springen
language = Sprache
menu = Menü
theme-dark = dunkel
theme-light = hell
theme-system = System
theme-button = Design: { $now }. Wechseln zu { $next }
pages = Seiten
pages-home = Anwendungen
pages-settings = Einstellungen
pages-admin = Verwaltung
sign-out = Abmelden
terms = Nutzungsbedingungen
privacy = Datenschutzerklärung
error-summary = Es gibt ein Problem
password = Passwort
show = Anzeigen
show-label = Passwort anzeigen
hide = Verbergen
hide-label = Passwort verbergen
optional = { $label } (optional)
none = keine
reference = Referenz
sign-in-again = Erneut anmelden
back-to-sign-in = Zurück zur Anmeldung
use-another-account = Anderes Konto verwenden
error-busy = Gerade melden sich viele Personen an. Versuchen Sie es in einigen Sekunden erneut.

## Anmelden

continue = Weiter
signin-change-name = Benutzernamen oder E-Mail-Adresse ändern
signin-title = Anmelden
signin-to = weiter zu { $rp }
signin-identifier = Benutzername oder E-Mail-Adresse
signin-identifier-hint = Zum Beispiel 201-{ $tenant }
signin-button = Anmelden
signin-other-company = Bei einem anderen Unternehmen anmelden
signin-choose = Konto auswählen
signin-add-company = Unternehmen angeben
signin-error-wrong = Benutzername oder Passwort ist nicht richtig. Prüfen Sie beides, oder bitten Sie Ihre Administration um ein neues Passwort.
signin-error-empty-identifier = Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein
signin-error-empty-password = Geben Sie Ihr Passwort ein

notice-signed-out-idle = Sie wurden nach einiger Zeit ohne Aktivität abgemeldet. Melden Sie sich an, um fortzufahren.
notice-confirm-identity = Bestätigen Sie, dass Sie es sind. Melden Sie sich erneut an, um fortzufahren.
notice-session-ended = Ihre Sitzung ist beendet. Melden Sie sich an, um fortzufahren.

company-title = Welches Unternehmen?
company-name = Name oder Kürzel des Unternehmens
company-name-hint = Zum Beispiel wickedsprockets. Ihr Administrator kennt es.
company-account = Konto
company-account-hint = Ihr Benutzername oder Ihre E-Mail-Adresse
company-remember = Dieses Unternehmen auf diesem Gerät merken
company-error-no-match = Wir konnten kein Unternehmen und Konto finden, die zusammenpassen. Prüfen Sie beides.
company-error-unknown = Wir kennen das Unternehmen { $company } nicht. Prüfen Sie die Adresse, oder geben Sie Ihr Unternehmen hier ein.
company-error-empty-company = Geben Sie den Namen oder das Kürzel Ihres Unternehmens ein

choose-title = Konto auswählen
choose-signed-in = Angemeldet
choose-signed-out = Abgemeldet
choose-remove = Entfernen
choose-remove-label = Entfernen: { $name }

wait-title = Zu viele Versuche
wait-text =
    { $minutes ->
        [one] Versuchen Sie es in 1 Minute erneut (um { $at }).
       *[other] Versuchen Sie es in { $minutes } Minuten erneut (um { $at }).
    }
wait-help = Passwort vergessen? Bitten Sie Ihre Administration in der Zwischenzeit um ein neues.
wait-done = Sie können sich jetzt wieder anmelden.

denied-title = Zugriff verweigert: Sie haben keinen Zugang zu { $rp }
denied-ask = Bitten Sie die Administration von { $company } um Zugang.
denied-apps = Ihre anderen Anwendungen
denied-account = Zu Ihrem Konto

change-password = Passwort ändern
password-new = Neues Passwort
password-new-hint =
    { $count ->
        [one] Mindestens 1 Zeichen. Mehrere Wörter hintereinander sind sicher und leicht zu merken.
       *[other] Mindestens { $count } Zeichen. Mehrere Wörter hintereinander sind sicher und leicht zu merken.
    }
password-confirm = Neues Passwort bestätigen
password-username = Benutzername
password-must-title = Neues Passwort wählen
password-must-text = Ihr Passwort ist vorläufig. Wählen Sie ein eigenes, um fortzufahren.
password-error-too-short =
    { $count ->
        [one] Ihr neues Passwort ist zu kurz. Wählen Sie eines mit mindestens 1 Zeichen.
       *[other] Ihr neues Passwort ist zu kurz. Wählen Sie eines mit mindestens { $count } Zeichen.
    }
password-error-too-long = Ihr neues Passwort ist zu lang. Wählen Sie ein kürzeres.
password-error-common = Dieses Passwort ist leicht zu erraten: ein bekanntes, oder ein Name von Ihnen. Wählen Sie ein anderes.
password-error-mismatch = Die beiden neuen Passwörter stimmen nicht überein. Geben Sie das neue Passwort in beiden Feldern erneut ein.
password-error-wrong-current = Ihr aktuelles Passwort ist nicht richtig. Prüfen Sie es und versuchen Sie es erneut.
password-error-same = Ihr neues Passwort ist dasselbe wie das alte. Wählen Sie ein anderes.
password-error-empty = Geben Sie Ihr neues Passwort in beiden Feldern ein

signout-title = Von { $product } abmelden?
signout-text = Sie werden in diesem Browser von allen Anwendungen abgemeldet, die diese Anmeldung verwenden.
signout-stay = Angemeldet bleiben
signedout-title = Sie sind abgemeldet
signedout-from = Abgemeldet von:
signedout-may-stay = { $portal } bleibt möglicherweise noch bis zu { $minutes } Minuten angemeldet. Schließen Sie das Fenster sicherheitshalber.
signedout-text = Sie können diese Seite schließen oder sich erneut anmelden.

## Konto

home-title = Guten Tag, { $name }
home-apps = Ihre Anwendungen
home-no-apps = Für Sie ist noch keine Anwendung freigegeben. Bitten Sie die Administration von { $company } um Zugang.
home-account = Ihr Konto
home-company = Unternehmen
home-last-sign-in = Letzte Anmeldung
settings-title = Einstellungen
settings-current = Aktuelles Passwort
settings-others = Mich überall sonst abmelden
settings-others-hint = Wählen Sie dies, wenn jemand anderes Ihr altes Passwort kennen könnte.
settings-others-forced = Sie werden überall sonst abgemeldet.
settings-saved = Ihr Passwort wurde geändert. Hier bleiben Sie angemeldet.
settings-no-password = Ihr Konto hat kein Passwort. Bitten Sie Ihre Administration um eines.
settings-error-empty = Geben Sie Ihr aktuelles Passwort ein, dann zweimal das neue

## Verwaltung

accounts-title = Konten
accounts-company = Unternehmen
accounts-switch = Wechseln
accounts-search = Name, Benutzername oder E-Mail-Adresse
accounts-search-button = Suchen
accounts-all = Alle Konten anzeigen
accounts-none = Noch kein Konto. Legen Sie das erste an.
accounts-none-plain = Noch kein Konto.
accounts-no-match = Kein Konto passt zu „{ $search }“.
accounts-caption = Konten von { $company }
accounts-name = Name
accounts-username = Benutzername
accounts-email = E-Mail-Adresse
accounts-roles = Rollen
accounts-state = Status
accounts-actions = Aktionen
accounts-next = Nächste Seite
accounts-new = Neues Konto
accounts-unlock = Entsperren
accounts-lock = Sperren
accounts-reset = Neues Passwort
accounts-back = Zurück zu den Konten
state-active = Aktiv
state-invited = Noch nicht angemeldet
state-waiting = Wartet bis { $until }
state-locked = Gesperrt
state-disabled = Deaktiviert
role-agent = Agent
role-supervisor = Teamleitung
role-auditor = Prüfung
role-tenant-admin = Administration
role-support = Support
role-system-admin = Systemadministration
admin-unlocked = { $who } ist entsperrt und kann sich wieder anmelden.
admin-locked = { $who } ist gesperrt und überall abgemeldet.

newaccount-title = Neues Konto
newaccount-username-hint = Zum Beispiel 201. Daraus wird 201-{ $tenant }.
newaccount-language = Sprache
newaccount-language-company = Sprache des Unternehmens
newaccount-portals = Portale
newaccount-no-portals = Ohne Portal kann sich die Person hier anmelden, aber nichts öffnen.
newaccount-button = Konto anlegen
newaccount-cancel = Abbrechen
newaccount-error-taken = Ein anderes Konto hat diesen Benutzernamen. Wählen Sie einen anderen.
newaccount-error-bad-username = Ein Benutzername beginnt mit einem Buchstaben oder einer Ziffer und hat Buchstaben, Ziffern, Punkte, Bindestriche und Unterstriche. Prüfen Sie ihn und versuchen Sie es erneut.
newaccount-error-bad-email = Das ist keine E-Mail-Adresse. Geben Sie eine wie name@example.com ein, oder lassen Sie das Feld leer.
newaccount-error-empty-name = Geben Sie den Namen der Person ein
newaccount-error-bad-name = Ein Name hat höchstens 100 Zeichen und enthält keine Webadresse. Geben Sie den Namen der Person ein.
newaccount-error-empty-username = Geben Sie einen Benutzernamen ein, zum Beispiel 201.
newaccount-error-role-above-yours = Sie können keine Rolle über Ihrer eigenen vergeben. Wählen Sie eine andere, oder fragen Sie jemanden mit mehr Rechten.
newaccount-error-bad-portal = Eines der Portale steht diesem Unternehmen nicht zur Verfügung. Wählen Sie erneut aus der Liste.

handover-title = Vorläufiges Passwort für { $username }
handover-text =
    { $hours ->
        [one] Es wird nur einmal angezeigt und gilt 1 Stunde.
       *[other] Es wird nur einmal angezeigt und gilt { $hours } Stunden.
    }
handover-steps = Geben Sie es persönlich oder am Telefon weiter. Bei der ersten Anmeldung muss ein neues Passwort gewählt werden.
handover-copy = Kopieren
handover-copied = Kopiert
confirm-lock-title = { $who } sperren?
confirm-lock-text = Die Person wird sofort überall abgemeldet und bleibt draußen, bis jemand das Konto entsperrt.
confirm-reset-title = Neues Passwort für { $who }?
confirm-reset-text = Das alte Passwort gilt nicht mehr, und die Person wird überall abgemeldet. Sie erhalten ein vorläufiges Passwort zum Weitergeben.
confirm-reset-button = Neues Passwort erzeugen

## Probleme

problem-bad-request-title = Diese Anmeldeanfrage ist nicht richtig eingerichtet
problem-bad-request-error = Gehen Sie zurück zur Anwendung und versuchen Sie es erneut. Geschieht es wieder, senden Sie die Referenz { $reference } an Ihre Administration.
problem-start-again-title = Neu beginnen
problem-start-again-error = Ihre Anmeldung hat länger als eine Stunde gedauert, oder Cookies sind blockiert. Beginnen Sie hier neu.
problem-tenant-off-title = { $company } ist abgeschaltet
problem-tenant-off-error = Bei { $company } kann sich zurzeit niemand anmelden. Wenden Sie sich an { $vendor }.
problem-not-found-title = Seite nicht gefunden
problem-not-found-error = Unter dieser Adresse gibt es nichts. Prüfen Sie die Adresse, oder gehen Sie zur Startseite.
problem-method-title = So funktioniert diese Seite nicht
problem-method-error = Die Adresse wurde auf eine Weise geöffnet, die sie nicht unterstützt. Gehen Sie zur Startseite und folgen Sie dort den Links.
problem-gone-title = Diese Seite ist abgelaufen
problem-gone-error = Sie wurde bereits verwendet, oder inzwischen hat sich etwas geändert. Gehen Sie zur Startseite und sehen Sie dort nach.
problem-stale-title = Diese Seite war zu lange offen
problem-stale-error = Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es erneut. Es wurde nichts geändert.
problem-forbidden-title = Das ist hier nicht möglich
problem-forbidden-error = Ihr Konto hat dafür keine Berechtigung. Fragen Sie Ihren Administrator, wenn Sie sie brauchen.
problem-broken-title = Auf unserer Seite gibt es ein Problem
problem-broken-error = Versuchen Sie es in einigen Minuten erneut. Geschieht es wieder, senden Sie die Referenz { $reference } an Ihre Administration.
problem-unavailable-title = Wir sind gerade nicht erreichbar
problem-unavailable-error = Der Dienst startet neu oder ist ausgelastet. Versuchen Sie es in { $time } erneut.
problem-too-large-title = Das war zu viel auf einmal
problem-too-large-error = Die Anfrage war größer, als wir annehmen. Gehen Sie zurück und senden Sie weniger.
problem-start-page = Zur Startseite
problem-try-again = Erneut versuchen
problem-details = Einzelheiten für die Administration
time-seconds =
    { $count ->
        [one] 1 Sekunde
       *[other] { $count } Sekunden
    }
time-minutes =
    { $count ->
        [one] 1 Minute
       *[other] { $count } Minuten
    }
mail-or-copy = Wenn der Knopf nichts bewirkt, kopieren Sie diese Adresse:
mail-until = Das gilt bis { $time } und einmal.
mail-test-subject = Ein Test von { $brand }
mail-test-heading = Mails kommen an
mail-test-text = Diese Mail wurde geschickt, um zu sehen, ob der Mailserver sie annimmt. Er tut es.
mail-sign-in-subject = Anmelden bei { $brand }
mail-sign-in-heading = Anmelden bei { $brand }
mail-sign-in-button = Anmelden
mail-sign-in-code = Oder geben Sie diesen Code dort ein, wo Sie ihn angefordert haben:
mail-asked-by = Angefordert wurde sie von { $browser }.
mail-not-you = Waren Sie das nicht? Löschen Sie diese Mail; ohne sie geschieht nichts.
signin-by-email = Mit E-Mail anmelden
wait-help-email = Ein Link per E-Mail muss nicht warten: Gehen Sie zurück und wählen Sie „Mit E-Mail anmelden“.
email-sent-title = Sehen Sie in Ihre E-Mails
email-sent-text =
    { $minutes ->
        [one] Wenn es zu { $identifier } ein Konto gibt, haben wir einen Link und einen Code geschickt. Sie gelten 1 Minute.
       *[other] Wenn es zu { $identifier } ein Konto gibt, haben wir einen Link und einen Code geschickt. Sie gelten { $minutes } Minuten.
    }
email-sent-again = Eine weitere E-Mail ist unterwegs. Nur der neueste Link und Code gelten.
email-code = Code aus der E-Mail
email-code-hint = Sechs Ziffern
email-code-error-empty = Geben Sie den Code aus der E-Mail ein.
email-code-error-wrong = Dieser Code stimmt nicht oder wurde zu oft versucht. Prüfen Sie die neueste E-Mail oder senden Sie eine weitere.
email-error-too-soon = Vor weniger als einer Minute wurde eine E-Mail geschickt. Versuchen Sie es gleich noch einmal.
email-send-again = Erneut senden
email-send-again-hint = Nach einer Minute können Sie eine weitere E-Mail senden.
email-sent-help = Keine E-Mail? Sehen Sie im Spam-Ordner nach. Wenn Ihr Konto keine Adresse hat, fragen Sie Ihren Administrator.
email-other-way = Anders anmelden
link-title = Anmelden bei { $company }
link-text = Als { $username }, auf diesem Gerät.
link-button = Auf diesem Gerät anmelden
link-not-you = Nicht von Ihnen angefordert? Schließen Sie diese Seite. Es geschieht nichts.
link-over-title = Dieser Link gilt nicht mehr
link-over-error-used = Er wurde schon benutzt. Senden Sie sich einen neuen oder melden Sie sich anders an.
link-over-error-newer = Ein neuerer wurde geschickt. Prüfen Sie Ihre E-Mails oder senden Sie sich einen weiteren.
link-over-error-expired = Links gelten nur kurze Zeit. Senden Sie sich einen neuen oder melden Sie sich anders an.
link-over-button = Zur Anmeldung
signin-forgot = Passwort vergessen?
forgot-title = Passwort zurücksetzen
forgot-text = Wir schicken Ihnen einen Link, mit dem Sie ein neues setzen.
forgot-button = Link senden
forgot-no-email = Keine E-Mail-Adresse am Konto? Bitten Sie Ihren Systemadministrator, Ihr Passwort zurückzusetzen.
forgot-error-empty = Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein.
forgot-sent-text =
    { $minutes ->
        [one] Wenn es zu { $identifier } ein Konto mit E-Mail-Adresse gibt, haben wir einen Link geschickt. Er gilt 1 Minute.
       *[other] Wenn es zu { $identifier } ein Konto mit E-Mail-Adresse gibt, haben wir einen Link geschickt. Er gilt { $minutes } Minuten.
    }
reset-title = Neues Passwort setzen
reset-text = Sie sind danach überall sonst abgemeldet.
mail-reset-subject = Neues Passwort für { $brand }
mail-reset-heading = Neues Passwort setzen
mail-reset-text = Für { $username }.
mail-reset-button = Neues Passwort setzen
mail-password-changed-subject = Ihr Passwort wurde geändert
mail-password-changed-heading = Ihr Passwort wurde geändert
mail-password-changed-text = Das Passwort von { $username } wurde um { $time } geändert, von der Adresse { $address } aus.
mail-password-changed-button = Das war ich nicht
mail-password-changed-help = Waren Sie es? Dann ist nichts zu tun.
mail-welcome-subject = Willkommen bei { $company }
mail-welcome-heading = Willkommen, { $name }
mail-welcome-text = { $company } hat ein Konto für Sie angelegt.
mail-welcome-names = Ihr Benutzername ist { $username }; anmelden können Sie sich auch mit { $email }.
mail-welcome-link = Der Knopf meldet Sie ohne Passwort an. Er gilt bis { $time } und einmal.
mail-welcome-password = Melden Sie sich mit dem Passwort unten an und wählen Sie Ihr eigenes. Es gilt bis { $time } und einmal.
mail-welcome-once = Ihr Passwort für das erste Mal:
mail-welcome-later = Später, oder wenn der Knopf abgelaufen ist, melden Sie sich unter { $address } an und wählen „Mit E-Mail anmelden“.
accounts-invite = Erneut einladen
admin-invited = An { $who } wurde eine Einladung geschickt.
state-invited-sent = Eingeladen
state-invited-bounced = Einladung abgelehnt
state-invited-waiting = Einladung wartet
admin-no-mail = An { $who } wurde keine Einladung geschickt: Es gibt keine E-Mail-Adresse oder keinen Mailserver. Geben Sie stattdessen ein Einmalpasswort.
help = Hilfe
help-title = Wenn Sie nicht hineinkommen
help-no-invitation = Es kam keine Einladung
help-no-invitation-answer = Sehen Sie zuerst im Spam-Ordner nach. Fragen Sie dann Ihren Administrator, welche E-Mail-Adresse Ihr Konto hat, und lassen Sie sich noch einmal einladen. Wenn Sie Ihren Benutzernamen kennen, wählen Sie auf der Anmeldeseite „Mit E-Mail anmelden“: Das schickt Ihnen sofort einen Link.
help-link = Der Link gilt nicht mehr
help-link-answer = Links gelten einmal und nur eine Weile. Wählen Sie auf der Anmeldeseite „Mit E-Mail anmelden“ für einen neuen; nur der neueste gilt.
help-forgot = Sie haben Ihr Passwort vergessen
help-forgot-answer = Wählen Sie auf der Anmeldeseite „Passwort vergessen?“ oder melden Sie sich mit E-Mail an: Dazu brauchen Sie kein Passwort.
help-no-address = Ihr Konto hat keine E-Mail-Adresse
help-no-address-answer = Wenden Sie sich an Ihren Systemadministrator: Er kann Ihnen ein Passwort für die nächste Anmeldung geben oder eine Adresse eintragen.
help-wait = Zu viele Versuche
help-wait-answer = Nach fünf falschen Passwörtern müssen Sie eine Viertelstunde warten, beim nächsten Mal länger. Ein Browser, in dem Sie schon angemeldet waren, hat eigene Versuche. Ihr Administrator kann die Wartezeit beenden.
