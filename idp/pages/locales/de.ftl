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
theme-button = Farben: { $now }. Wechseln zu { $next }
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
signin-identifier-hint-any = Zum Beispiel 201-ihrefirma
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
home-last-by-password = { $time }, { $browser }, Passwort
home-last-by-email = { $time }, { $browser }, E-Mail
home-advice-email = Geben Sie eine E-Mail-Adresse an, damit Sie Ihr Passwort zurücksetzen und sich per Link anmelden können.
home-advice-email-link = E-Mail-Adresse angeben
home-advice-second = Ein zweiter Faktor hält alle draußen, die Ihr Passwort erfahren.
home-advice-second-link = Einschalten
home-advice-codes = Sie haben nur noch wenige Ersatzcodes.
home-advice-codes-link = Neue erstellen
settings-title = Einstellungen
settings-current = Aktuelles Passwort
settings-others = Mich überall sonst abmelden
settings-others-hint = Wählen Sie dies, wenn jemand anderes Ihr altes Passwort kennen könnte.
settings-others-forced = Sie werden überall sonst abgemeldet.
settings-saved = Ihr Passwort wurde geändert. Hier bleiben Sie angemeldet.
settings-no-password = Sie melden sich ohne Passwort an. Mit einem geht es auch dort, wo Sie Ihre E-Mails nicht zur Hand haben.
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
mail-until = Gültig bis { $time }, und einmal verwendbar.
mail-test-subject = Ein Test von { $brand }
mail-test-heading = Mails kommen an
mail-test-text = Diese Mail wurde geschickt, um zu sehen, ob der Mailserver sie annimmt. Er tut es.
mail-sign-in-subject = Anmelden bei { $brand }
mail-sign-in-heading = Anmelden bei { $brand }
mail-sign-in-button = Anmelden
mail-sign-in-code = Oder geben Sie diesen Code dort ein, wo Sie ihn angefordert haben:
mail-asked-by = Angefordert von { $browser }.
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
email-send-again-in = Erneut senden in { $seconds } Sekunden.
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
link-over-error-another = In diesem Browser wurde seitdem ein anderer Link geöffnet. Öffnen Sie den, den Sie meinen, noch einmal aus seiner E-Mail.
link-another-title = Welchen Link meinen Sie?
link-over-button = Zur Anmeldung
link-over-anew = Neuen Link per E-Mail senden
link-over-help = Es kommt nichts an? Bitten Sie Ihre Administration, Sie noch einmal einzuladen.
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
mail-for = Für { $username }.
mail-reset-button = Neues Passwort setzen
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
state-silent = E-Mail abgelehnt
accounts-allow-mail = E-Mail wieder versuchen
admin-mail-allowed = E-Mails gehen wieder an { $who }.
admin-no-mail = An { $who } wurde keine Einladung geschickt: Es gibt keine E-Mail-Adresse oder keinen Mailserver. Geben Sie stattdessen ein vorläufiges Passwort.
help = Hilfe
help-title = Wenn Sie nicht hineinkommen
help-no-invitation = Es kam keine Einladung
help-no-invitation-answer = Sehen Sie zuerst im Spam-Ordner nach. Fragen Sie dann Ihren Administrator, welche E-Mail-Adresse Ihr Konto hat, und lassen Sie sich noch einmal einladen. Wenn Sie Ihren Benutzernamen kennen, wählen Sie auf der Anmeldeseite „Mit E-Mail anmelden“: Das schickt Ihnen sofort einen Link.
help-link = Der Link gilt nicht mehr
help-link-answer = Ein Link gilt einmal und nicht lange. Wählen Sie auf der Anmeldeseite „Mit E-Mail anmelden“ für einen neuen; nur der neueste gilt.
help-forgot = Sie haben Ihr Passwort vergessen
help-forgot-answer = Wählen Sie auf der Anmeldeseite „Passwort vergessen?“ oder melden Sie sich mit E-Mail an: Dazu brauchen Sie kein Passwort.
help-no-address = Ihr Konto hat keine E-Mail-Adresse
help-no-address-answer = Fragen Sie Ihren Administrator: Er kann Ihnen ein Passwort für die nächste Anmeldung geben oder eine Adresse eintragen.
help-wait = Zu viele Versuche
help-wait-answer = Nach fünf falschen Passwörtern müssen Sie eine Viertelstunde warten, beim nächsten Mal länger. Ein Browser, in dem Sie schon angemeldet waren, hat eigene Versuche. Ihr Administrator kann die Wartezeit beenden.
help-phone = Ihr Telefon ist weg, oder ein Code wird nicht angenommen
help-phone-answer = Wählen Sie auf der Seite, die nach dem Code fragt, einen anderen Weg: einen Ersatzcode, den Sie sich notiert haben, oder einen Code per E-Mail. Ein Code aus einer App wird abgelehnt, wenn die Uhr des Telefons falsch geht. Bleibt kein Weg, kann Ihr Administrator Ihnen einen Ersatzcode geben, der einmal gilt.
help-locked = Ihr Konto ist gesperrt
help-locked-answer = Nach fünf falschen Codes bleibt das Konto gesperrt, bis Ihr Administrator es entsperrt. Fragen Sie jemanden, den Sie als Administrator kennen, nicht jemanden, der Sie anruft.
mail-code-subject = { $code } ist Ihr Bestätigungscode
mail-code-heading = Ihr Bestätigungscode
mail-address-code-subject = { $code } bestätigt Ihre E-Mail-Adresse
mail-address-code-heading = Bestätigen Sie Ihre E-Mail-Adresse
mail-code-not-you = Waren Sie das nicht? Jemand kennt Ihr Passwort: Ändern Sie es und geben Sie diesen Code niemandem.
mail-happened-where = Es war um { $time }, von { $browser } aus, Adresse { $address }.
mail-happened-when = Es war um { $time }.
mail-happened-button = Das war ich nicht
mail-happened-help = Waren Sie es? Dann ist nichts zu tun.
mail-password-changed-subject = Ihr Passwort wurde geändert
mail-password-changed-text = Das Passwort von { $username } wurde geändert.
mail-new-browser-subject = Anmeldung aus einem neuen Browser
mail-new-browser-text = Jemand hat sich als { $username } aus einem Browser angemeldet, der für dieses Konto noch nicht benutzt wurde.
mail-app-on-subject = Eine Authenticator-App wurde eingerichtet
mail-app-on-text = Die Anmeldung als { $username } braucht nun einen Code aus einer Authenticator-App.
mail-email-codes-on-subject = Codes per E-Mail wurden eingeschaltet
mail-email-codes-on-text = Die Anmeldung als { $username } braucht nun einen Code, den wir an diese Adresse schicken.
mail-second-factor-off-subject = Die Zwei-Faktor-Anmeldung wurde ausgeschaltet
mail-second-factor-off-text = Die Zwei-Faktor-Anmeldung von { $username }, oder eines ihrer Verfahren, wurde ausgeschaltet.
mail-backup-codes-made-subject = Es gibt neue Ersatzcodes
mail-backup-codes-made-text = Die Ersatzcodes von { $username } sind neu. Die alten gelten nicht mehr.
mail-backup-code-used-subject = Ein Ersatzcode wurde benutzt
mail-backup-code-used-text = Jemand hat sich als { $username } mit einem Ersatzcode angemeldet.
mail-backup-code-issued-subject = Ihr Administrator hat einen Ersatzcode erstellt
mail-backup-code-issued-text = Ein Administrator hat einen Ersatzcode erstellt, mit dem sich { $username } einmal anmelden kann.
mail-locked-subject = Ihr Konto ist gesperrt
mail-locked-text = Jemand kannte das Passwort von { $username } und gab dann zu viele falsche Bestätigungscodes ein. Nur Ihr Administrator kann das Konto entsperren.
mail-address-changed-subject = Ihre E-Mail-Adresse wurde geändert
mail-address-changed-text = Um { $time } wurde die E-Mail-Adresse von { $username } in { $new } geändert.
mail-address-changed-undo = Bis { $time } können Sie das hier zurücknehmen; dabei werden alle abgemeldet.
second-title = Geben Sie Ihren Bestätigungscode ein
second-backup-title = Geben Sie einen Ersatzcode ein
second-app-text = Öffnen Sie Ihre Authenticator-App und geben Sie den sechsstelligen Code ein.
second-email-text = Wir haben einen sechsstelligen Code an { $mailbox } geschickt.
second-email-ask = Wir können einen sechsstelligen Code an { $mailbox } schicken.
second-backup-text = Geben Sie einen Ihrer Ersatzcodes ein oder einen von Ihrem Administrator.
second-key-title = Mit einem Passkey bestätigen
second-key-text = Nutzen Sie Fingerabdruck, Gesicht oder Bildschirmsperre eines Geräts, das einen Passkey für Ihr Konto hat.
second-key-button = Passkey verwenden
second-key-needs-scripts = Passkeys brauchen Skripte, und die sind in diesem Browser abgeschaltet. Schalten Sie sie ein, oder nehmen Sie einen anderen Weg.
second-code = Bestätigungscode
second-backup-code = Ersatzcode
second-backup-hint = Zum Beispiel abcd-2345
second-again = Wir haben einen neuen Code an dieselbe Adresse geschickt. Nur der neueste gilt.
second-verify = Bestätigen
second-cancel = Abbrechen
second-resend = Erneut senden
second-send = Code senden
second-other = Auf anderem Weg
second-use-app = Ihre Authenticator-App verwenden
second-use-email = Einen Code per E-Mail bekommen
second-use-key = Passkey verwenden
second-use-backup = Einen Ersatzcode verwenden
second-ask-admin = Nichts davon geht? Bitten Sie Ihren Administrator um einen Ersatzcode.
second-trust =
    { $days ->
        [one] 1 Tag lang nicht mehr fragen
       *[other] { $days } Tage lang nicht mehr fragen
    }
second-trust-hint = Nur in diesem Browser. Nicht an einem Rechner, den andere benutzen.
second-attempts-left = Noch { $count } Versuch(e), bevor Ihr Konto gesperrt wird
second-error-empty = Geben Sie den Code ein.
second-error-length = Der Code hat sechs Ziffern. Prüfen Sie ihn und geben Sie alle ein.
second-error-wrong-email = Dieser Code stimmt nicht. Prüfen Sie die neueste E-Mail.
second-error-wrong-app = Dieser Code stimmt nicht. Prüfen Sie, ob die Uhr Ihres Telefons stimmt, oder versuchen Sie es mit dem nächsten Code.
second-error-wrong-backup = Dieser Code stimmt nicht. Prüfen Sie ihn oder wählen Sie einen, den Sie noch nicht benutzt haben.
second-error-used = Dieser Code wurde schon benutzt. Geben Sie den nächsten ein.
second-error-expired = Dieser Code ist abgelaufen. Prüfen Sie Ihre E-Mails: Wir haben einen neuen geschickt.
second-error-too-many = Wir haben schon viele Codes geschickt. Versuchen Sie es um { $time } wieder oder wählen Sie einen anderen Weg.
setup-title = Schützen Sie Ihr Konto
setup-text = { $company } verlangt bei der Anmeldung einen zweiten Schritt, damit ein gestohlenes Passwort nicht genügt.
setup-none = Kein Verfahren steht Ihnen offen. Bitten Sie Ihren Administrator um Hilfe.
setup-key = Passkey erstellen (empfohlen)
setup-key-text = Fingerabdruck, Gesicht oder Bildschirmsperre, auf diesem Gerät oder in einem Passwortmanager, der abgleicht. Nichts zu tippen, und keine falsche Seite kann ihn abfangen.
setup-key-button = Passkey verwenden
setup-app = Authenticator-App einrichten
setup-app-text = Eine App auf Ihrem Telefon zeigt alle 30 Sekunden einen neuen Code. Sie braucht kein Netz.
setup-app-button = App verwenden
setup-email = Codes per E-Mail
setup-email-text = Wir schicken bei jeder Anmeldung einen Code an { $mailbox }.
setup-email-button = E-Mail verwenden
setup-email-title = Bestätigen Sie Ihre E-Mail-Adresse
setup-app-scan = Lesen Sie dies mit Ihrer Authenticator-App ein.
setup-app-type = Oder geben Sie diesen Schlüssel in der App ein:
setup-confirm = Bestätigen
setup-skip = Jetzt überspringen
setup-days =
    { $count ->
        [one] Das geht auch später: noch 1 Tag.
       *[other] Das geht auch später: noch { $count } Tage.
    }
codes-title = Bewahren Sie Ihre Ersatzcodes auf
codes-on = Die Zwei-Faktor-Anmeldung ist eingeschaltet.
codes-text = Jeder meldet Sie einmal an, wenn Sie nichts anderes haben. Bewahren Sie sie so auf, dass Sie sie ohne Ihr Telefon finden. Sie werden nicht noch einmal gezeigt.
codes-replaced = Ihre bisherigen Codes gelten nicht mehr.
codes-copy = Kopieren
codes-copied = Kopiert
codes-download = Herunterladen
codes-print = Drucken
codes-saved = Ich habe diese Codes aufbewahrt
locked-title = Ihr Konto ist gesperrt
locked-text =
    { $count ->
        [one] Es gab 1 falschen Bestätigungscode. Bitten Sie Ihren Administrator, das Konto zu entsperren.
       *[other] Es gab { $count } falsche Bestätigungscodes. Bitten Sie Ihren Administrator, das Konto zu entsperren.
    }
locked-back = Zur Anmeldung
security = Sicherheit
security-title = Sicherheit
security-password = Passwort
security-set = Gesetzt
security-not-set = Nicht gesetzt
security-set-password = Passwort setzen
security-second = Zwei-Faktor-Anmeldung
security-second-text = Ein zweiter Schritt bei der Anmeldung: Ein gestohlenes Passwort genügt dann nicht.
security-second-off = Ihr Unternehmen verwendet sie nicht.
security-second-required = Ihr Unternehmen verlangt sie; das letzte Verfahren lässt sich deshalb nicht ausschalten.
security-app = Authenticator-App
security-email-codes = Codes per E-Mail
security-backup-codes = Ersatzcodes
security-on = Ein
security-off = Aus
security-codes-left =
    { $count ->
        [one] Noch 1
       *[other] Noch { $count }
    }
security-few-codes = Sie haben nur noch wenige Ersatzcodes. Erstellen Sie neue.
security-turn-on = Einschalten
security-turn-off = Ausschalten
security-set-up = Einrichten
security-new-codes = Neue Codes erstellen
security-needs-email = Bestätigen Sie zuerst eine E-Mail-Adresse in den Einstellungen.
security-trusted = Vertraute Browser
security-trusted-none = Sie werden in jedem Browser nach einem Code gefragt.
security-trusted-until = Bis { $time }
security-distrust = Wieder fragen
security-devices = Angemeldete Geräte
security-this-device = Dieses Gerät
security-device-since = Angemeldet { $time }
security-device-seen = Zuletzt gesehen { $time }
security-device-apps = Geöffnet: { $apps }
security-unknown-browser = Unbekannter Browser
security-sign-out = Abmelden
security-sign-out-others = Überall sonst abmelden
security-activity = Letzte Ereignisse
security-activity-none = Noch nichts.
security-activity-help = Etwas davon waren Sie nicht? Ändern Sie Ihr Passwort und melden Sie sich überall sonst ab.
security-notice-off = Dieses Verfahren ist ausgeschaltet.
security-notice-signed-out = Dort abgemeldet.
security-notice-distrusted = Dieser Browser wird wieder nach einem Code gefragt.
security-notice-review = Sie haben sich mit einem Code Ihres Administrators angemeldet. Richten Sie ein Verfahren ein, das Sie bei sich haben.
security-notice-check-passkeys = Ihr Passwort ist neu, und überall sonst sind Sie abgemeldet. Sehen Sie Ihre Passkeys und verbundenen Konten durch, und nehmen Sie weg, was Sie nicht kennen.
security-go-on = Jetzt nicht, weiter
security-confirm-off-title = Zwei-Faktor-Anmeldung ausschalten?
security-confirm-off-text = Danach genügt ein Passwort allein. Ihre Ersatzcodes und vertrauten Browser gelten dann auch nicht mehr.
security-confirm-codes-title = Neue Ersatzcodes erstellen?
security-confirm-codes-text = Ihre jetzigen Codes gelten dann nicht mehr, und vertraute Browser werden wieder gefragt. Die neuen werden einmal gezeigt: Halten Sie einen Ort bereit, an dem Sie sie aufbewahren.
security-notice-page-over = Diese Seite wurde schon benutzt oder ist zu alt. Unten steht, was jetzt gilt.
activity-signed-in = Sie haben sich angemeldet
activity-sign-in-failed = Eine Anmeldung ist gescheitert
activity-wait-began = Zu viele falsche Passwörter: Die Anmeldung musste warten
activity-signed-out = Abgemeldet
activity-password-changed = Passwort geändert
activity-password-recovered = Passwort per E-Mail gesetzt
activity-password-reset = Ein Administrator hat ein vorläufiges Passwort erstellt
activity-invited = Eine Einladung wurde geschickt
activity-issued-code-used = Sie haben sich mit einem Code Ihres Administrators angemeldet
activity-mail-allowed = E-Mails gehen wieder an Ihre Adresse
activity-locked = Ein Administrator hat das Konto gesperrt
activity-unlocked = Ein Administrator hat das Konto entsperrt
activity-switched = Ein Administrator hat das Konto ein- oder ausgeschaltet
activity-second-on = Ein zweiter Faktor wurde eingerichtet
activity-second-on-app = Eine Authenticator-App wurde eingerichtet
activity-second-on-email = Codes per E-Mail wurden eingeschaltet
activity-second-off = Ein zweiter Faktor wurde ausgeschaltet
activity-second-off-app = Die Authenticator-App wurde ausgeschaltet
activity-second-off-email = Codes per E-Mail wurden ausgeschaltet
activity-codes-made = Neue Ersatzcodes
activity-code-used = Ein Ersatzcode wurde benutzt
activity-code-issued = Ein Administrator hat einen Ersatzcode erstellt
activity-guesses = Nach zu vielen falschen Codes gesperrt
activity-trusted = Einem Browser wurde vertraut
activity-distrusted = Einem Browser wird nicht mehr vertraut
activity-email-changed = E-Mail-Adresse geändert
activity-email-undone = Änderung der E-Mail-Adresse zurückgenommen
activity-account-made = Das Konto wurde angelegt
address-card = E-Mail-Adresse
address-none = Noch keine E-Mail-Adresse.
address-unconfirmed = Nicht bestätigt
address-new = Neue E-Mail-Adresse
address-new-hint = Wir schicken einen Code dorthin. Bis Sie ihn eingeben, ändert sich nichts.
address-button = Code senden
address-saved = Ihre E-Mail-Adresse ist geändert.
address-error-empty = Geben Sie die neue E-Mail-Adresse ein.
address-error-wrong = Geben Sie eine Adresse wie name@firma.de ein.
address-error-same = Das ist schon Ihre Adresse. Geben Sie eine andere ein.
undo-title = Änderung zurücknehmen?
undo-text = Das Konto { $username } bekommt die E-Mail-Adresse zurück, an die diese Nachricht ging. Alle werden abgemeldet, und das Passwort gilt nicht mehr: Sie setzen per E-Mail ein neues.
undo-button = Zurücknehmen
undo-done-title = Die Änderung ist zurückgenommen
undo-done-text = Melden Sie sich mit einem Link per E-Mail an und setzen Sie ein neues Passwort.
language-card = Sprache
language-button = Sprache speichern
settings-set-password = Passwort setzen
admin-code-title = Ersatzcode für { $who }
admin-code-text = Er ersetzt einmal den zweiten Faktor. Ein Passwort oder einen Link per E-Mail braucht die Person trotzdem; sie erfährt davon per E-Mail.
admin-code-reason = Grund
admin-code-reason-hint = Er steht im Protokoll. Zum Beispiel: Telefon verloren, Rückruf am Arbeitsplatz.
admin-code-error-reason = Geben Sie an, warum die Person ihn braucht.
admin-code-button = Ersatzcode erstellen
admin-code-shown = Ersatzcode für { $who }
admin-code-life =
    { $count ->
        [one] Er gilt einmal, 1 Stunde lang. Er wird nicht noch einmal gezeigt.
       *[other] Er gilt einmal, { $count } Stunden lang. Er wird nicht noch einmal gezeigt.
    }
accounts-backup-code = Ersatzcode
security-activity-more = Ältere Ereignisse
link-needs-code = Dieser Link gilt nur in dem Browser, in dem Sie ihn angefordert haben. Geben Sie dort den Code aus der E-Mail ein oder holen Sie sich hier einen neuen.
link-code-button = Code per E-Mail schicken
security-again = Neu einrichten
mail-password-reset-subject = Ihr Administrator hat Ihnen ein neues Passwort gegeben
mail-password-reset-text = Das Passwort von { $username } wurde durch eines für die nächste Anmeldung ersetzt. Ihr Administrator gibt es Ihnen.
settings-theme = Farben
settings-theme-dark = Dunkel
settings-theme-light = Hell
settings-theme-system = Wie das System
settings-theme-button = Farben speichern
undo-yours = Die Änderung war von Ihnen? Schließen Sie diese Seite. Es geschieht nichts.
security-off-app-title = Authenticator-App ausschalten?
security-off-app-text = Bei der Anmeldung werden Sie weiter nach einem Code per E-Mail gefragt. Vertraute Browser werden wieder gefragt.
security-off-email-title = Codes per E-Mail ausschalten?
security-off-email-text = Bei der Anmeldung werden Sie weiter nach einem Code aus Ihrer Authenticator-App gefragt. Vertraute Browser werden wieder gefragt.
security-code-error-over = Dieser Code wurde zu oft versucht oder ist zu alt. Senden Sie sich einen neuen: „Codes per E-Mail“ noch einmal einschalten.
address-error-too-many = Sie haben viele Codes angefordert. Versuchen Sie es in einer Stunde wieder.
address-error-over = Dieser Code wurde zu oft versucht oder ist zu alt. Senden Sie sich einen weiteren.
mail-code-type = Geben Sie ihn dort ein, wo Sie danach gefragt wurden:
mail-address-code-not-you = Jemand hat diese Adresse hier für ein Konto eingetragen. Waren Sie das nicht? Löschen Sie diese Mail; ohne den Code geschieht nichts.
setup-email-help = Keine E-Mail? Sehen Sie im Spam-Ordner nach und prüfen Sie die Adresse.
mail-email-changed-text = Nachrichten zu { $username } gehen von jetzt an an eine andere Adresse. Waren Sie das nicht? Sagen Sie es sofort Ihrem Administrator.
mail-welcome-code = Die Schaltfläche führt zur Anmeldeseite. Wählen Sie dort „Mit E-Mail anmelden“: Sie bekommen einen Code und brauchen kein Passwort.
signin-by-passkey = Mit Passkey anmelden
signin-by-password = Passwort verwenden
last-used = Zuletzt benutzt
app-title = Dieses App-Fenster kommt an die Passkeys auf diesem Gerät nicht heran
app-text = Windows Hello und iCloud-Schlüsselbund halten sie für den Browser bereit. Hier gelten Passkeys von { $host }; einer, der unter einer anderen Adresse erstellt wurde, etwa auf einem Testsystem, gilt hier nicht.
app-email = Code per E-Mail senden
app-browser = Im Browser öffnen
app-other = Handy oder Passwortmanager verwenden
app-back-title = Sie sind angemeldet
app-back-text = Gehen Sie zurück zum App-Fenster. Dort geht es von selbst weiter.
app-back-here = Stattdessen im Browser weitermachen
sso-button = Mit { $provider } anmelden
sso-cancelled = Sie haben sich nicht mit { $provider } angemeldet. Versuchen Sie es noch einmal, oder nehmen Sie einen anderen Weg.
sso-refused = { $provider } hat Ihre Anmeldung nicht bestätigt. Versuchen Sie es noch einmal, oder nehmen Sie einen anderen Weg.
sso-down = { $provider } antwortet nicht. Melden Sie sich auf einem anderen Weg an.
sso-outside = Ihr Unternehmen lässt dieses Konto bei { $provider } nicht zu. Wählen Sie ein anderes, oder melden Sie sich auf einem anderen Weg an.
sso-outside-domain = Ihr Unternehmen lässt Konten von { $domain } bei { $provider } nicht zu. Wählen Sie ein anderes, oder melden Sie sich auf einem anderen Weg an.
sso-over = Die Anmeldung hat zu lange gedauert. Beginnen Sie noch einmal.
sso-no-account = Zu { $mail } gibt es hier kein Konto. Bitten Sie Ihren Administrator um eine Einladung.
sso-barred = Ihr Konto ist gesperrt oder abgeschaltet. Fragen Sie Ihren Administrator.
ways-title = Andere Wege zur Anmeldung
ways-text = Geben Sie Ihr Unternehmen ein. Wir zeigen Ihnen, wie man sich dort anmelden kann.
ways-link = Andere Wege zur Anmeldung
ways-error-none = Bei „{ $company }“ meldet man sich hier an: mit Passwort, per E-Mail oder mit einem Passkey. Gehen Sie zurück zur Anmeldung.
connect-title = { $provider } mit Ihrem Konto verbinden
connect-text = Bei { $provider } sind Sie als { $mail } angemeldet.
connect-once = Melden Sie sich einmal bei Ihrem Konto von { $company } an, um beide zu verbinden.
connect-cancel = Abbrechen
connect-confirm = Künftig melden Sie sich mit { $mail } bei { $username } an. Verbinden Sie beide nur, wenn beide Ihnen gehören.
connect-button = Verbinden
connect-taken = Dieses Konto ist schon mit jemand anderem in Ihrem Unternehmen verbunden.
security-connected = Verbundene Konten
security-connected-text = Melden Sie sich mit einem Konto an, das Sie bei einem anderen Anbieter haben.
security-notice-connected = Verbunden. Ab jetzt melden Sie sich damit direkt an.
security-notice-disconnected = Getrennt. Damit meldet sich niemand mehr bei Ihrem Konto an.
connected-made = Verbunden { $time }
connected-off = Von Ihrem Unternehmen abgeschaltet
connected-disconnect = Trennen
connected-connect = { $provider } verbinden
connected-last = Zur Anmeldung blieben höchstens Passkeys übrig. Wählen Sie erst ein Passwort, oder geben Sie eine E-Mail-Adresse ein.
passkey-follow = Folgen Sie der Aufforderung Ihres Geräts.
passkey-cancelled = Die Anmeldung mit Passkey wurde abgebrochen. Versuchen Sie es erneut oder melden Sie sich anders an.
passkey-error-unknown = Dieser Passkey ist hier nicht mehr registriert. Melden Sie sich anders an.
passkey-error-wrong = Dieser Passkey wurde nicht angenommen. Versuchen Sie es erneut oder melden Sie sich anders an.
security-passkeys = Passkeys
security-passkeys-text = Melden Sie sich mit Fingerabdruck, Gesicht oder Displaysperre an. Passkeys von hier gelten nur auf { $host }. Sie können bis zu 10 haben.
passkey-synced = Auf allen Ihren Geräten
passkey-one-device = Auf einem Gerät
passkey-made = Erstellt { $time }
passkey-used = Zuletzt benutzt { $time }
passkey-change = Ändern
passkey-add = Passkey hinzufügen
passkey-new-title = Beim nächsten Mal schneller anmelden
passkey-new-text = Mit Fingerabdruck, Gesicht oder Displaysperre. Als Nächstes fragt Sie Ihr Gerät. Ein Passwortmanager, der abgleicht, hält den Passkey auf allen Ihren Geräten bereit.
passkey-needs-scripts = Passkeys brauchen Skripte, die in diesem Browser aus sind. Schalten Sie sie ein oder gehen Sie zurück.
passkey-create = Passkey erstellen
passkey-not-now = Jetzt nicht
passkey-never = Auf diesem Gerät nicht mehr zeigen
passkey-none-made = Es wurde kein Passkey erstellt. Versuchen Sie es erneut oder wählen Sie „Jetzt nicht“.
passkey-error-not-made = Es wurde kein Passkey erstellt. Beginnen Sie neu mit „Passkey hinzufügen“.
passkey-error-exists = Dieses Gerät hat schon einen Passkey für Ihr Konto. Melden Sie sich mit diesem an.
passkey-error-full = Sie haben schon 10 Passkeys. Wählen Sie unten einen aus und widerrufen Sie ihn.
passkey-error-last = Das ist Ihr einziger Weg zur Anmeldung. Wählen Sie zuerst ein Passwort oder geben Sie eine E-Mail-Adresse an.
passkey-name = Name
passkey-name-hint = Woran Sie ihn erkennen
passkey-rename = Umbenennen
passkey-revoke = Widerrufen
passkey-revoke-text = Danach meldet er niemanden mehr an. Tun Sie das, wenn das Gerät verloren ist.
passkey-back = Zurück zur Sicherheit
security-notice-passkey-made = Ihr Passkey ist bereit.
security-notice-passkey-revoked = Dieser Passkey ist widerrufen.
activity-passkey-made = Ein Passkey wurde hinzugefügt
activity-passkey-revoked = Ein Passkey wurde widerrufen
activity-identity-connected = Ein Konto bei einem anderen Anbieter wurde verbunden
activity-identity-disconnected = Ein Konto bei einem anderen Anbieter wurde getrennt
mail-passkey-made-subject = Ein Passkey wurde hinzugefügt
mail-passkey-made-text = Bei { $username } kann man sich jetzt mit einem neuen Passkey anmelden.
mail-passkey-revoked-subject = Ein Passkey wurde widerrufen
mail-passkey-revoked-text = Ein Passkey von { $username } wurde widerrufen. Er meldet niemanden mehr an.
mail-connected-subject = Ein weiterer Weg zur Anmeldung wurde verbunden
mail-connected-text = { $username } lässt sich jetzt auch über ein Konto bei einem anderen Anbieter anmelden.
mail-disconnected-subject = Ein Weg zur Anmeldung wurde getrennt
mail-disconnected-text = Ein Konto bei einem anderen Anbieter wurde von { $username } getrennt. Damit kommt niemand mehr hinein.
home-last-by-passkey = { $time }, { $browser }, Passkey
home-last-by-upstream = { $time }, { $browser }, anderer Anbieter
