/** The titles that processes give their steps, as German readers know them. */
const GERMAN: ReadonlyMap<string, string> = new Map([
  ['Add to groups', 'In Gruppen aufnehmen'],
  ['Answer that nobody is in', 'Abwesenheitsnachricht setzen'],
  ['Change the entry', 'Eintrag ändern'],
  ['Change the groups', 'Gruppen anpassen'],
  ['Close the portal account', 'Portalkonto schließen'],
  ['Create the user', 'Benutzer anlegen'],
  ['Delete the user', 'Benutzer löschen'],
  ['Disable sign-in', 'Anmeldung sperren'],
  ['Enable sign-in', 'Anmeldung freigeben'],
  ['Forward mail', 'E-Mail weiterleiten'],
  ['Give access to the data', 'Zugriff auf die Daten gewähren'],
  ['Hand the password over', 'Kennwort übergeben'],
  ['Move to the leavers’ unit', 'In die Einheit der Ausgetretenen verschieben'],
  ['Remove from groups', 'Aus Gruppen entfernen'],
  ['Remove phone numbers', 'Telefonnummern entfernen'],
  ['Reset password', 'Kennwort zurücksetzen'],
  ['Send the welcome mail', 'Willkommensmail senden'],
  ['Set a new password', 'Neues Kennwort setzen'],
  ['Set the first password', 'Erstes Kennwort setzen'],
  ['Tell by mail', 'Per E-Mail benachrichtigen'],
  ['Tell by webhook', 'Per Webhook benachrichtigen'],
]);

const PREFIXES = [
  ['Take back: ', 'Zurücknehmen: '],
  ['On the return, take back: ', 'Bei der Rückkehr zurücknehmen: '],
  ['End: ', 'Beenden: '],
] as const;

/**
 * A step's title as readers of a language are shown it. A plan keeps titles in English, and what somebody wrote (a manual
 * step, a customer's own step) stays as they wrote it.
 */
export function stepTitle(title: string, language: 'de' | 'en'): string {
  if (language === 'en') return title;
  const prefix = PREFIXES.find(([english]) => title.startsWith(english));
  if (prefix) return prefix[1] + stepTitle(title.slice(prefix[0].length), language);
  // a grant's: why, who allowed it, and until when
  const grant = /^([^(]+) \((.*); until ([^;]+)\)$/su.exec(title);
  const german = grant && GERMAN.get(grant[1]!);
  if (grant && german) return `${german} (${grant[2]}; bis ${grant[3]})`;
  return GERMAN.get(title) ?? title;
}
