import type { PageLanguage } from '../http/html.js';

/** A mark that can be read in black and white, with its word. */
export interface Mark {
  readonly symbol: string;
  readonly word: string;
}

type Words = Readonly<Record<string, string>>;

/** Everything that the page says besides what the certificate holds. */
export interface CertificateTexts {
  readonly locale: string;
  readonly title: string;
  readonly intro: string;
  readonly outcomes: Readonly<Record<string, Mark>>;
  readonly processes: Words;
  /** What lines of the history are called; a kind that is missing here is shown as it is. */
  readonly kinds: Words;
  readonly decisions: Readonly<Record<'approve' | 'reject', Mark>>;
  readonly words: {
    readonly [
      word in
        | 'outcome'
        | 'about'
        | 'process'
        | 'customer'
        | 'started'
        | 'ended'
        | 'run'
        | 'request'
        | 'asked'
        | 'decided'
        | 'done'
        | 'history'
        | 'by'
        | 'at'
        | 'what'
        | 'value'
        | 'decision'
        | 'plan'
        | 'reason'
        | 'confirmation'
        | 'object'
        | 'field'
        | 'before'
        | 'approved'
        | 'readBack'
        | 'proof'
        | 'attempts'
        | 'late'
        | 'deadline'
        | 'kept'
        | 'missed'
        | 'dueBy'
        | 'critical'
        | 'irreversible'
        | 'notInEffect'
        | 'problem'
        | 'nothingChanged'
        | 'none'
        | 'step'
        | 'who'
        | 'genuine'
        | 'hash'
        | 'key'
        | 'unsigned'
        | 'yes'
        | 'no'
    ]: string;
  };
}

const DE: CertificateTexts = {
  locale: 'de-DE',
  title: 'Abschlusszertifikat',
  intro: 'Was beantragt, freigegeben, ausgeführt und nachgewiesen wurde, wann und von wem.',
  outcomes: {
    completed: { symbol: '✔', word: 'vollständig ausgeführt' },
    completed_with_errors: { symbol: '⚠', word: 'mit Fehlern ausgeführt' },
    failed: { symbol: '✘', word: 'fehlgeschlagen' },
    cancelled: { symbol: '■', word: 'abgebrochen' },
    succeeded: { symbol: '✔', word: 'ausgeführt und nachgewiesen' },
    already_in_desired_state: { symbol: '=', word: 'war schon so' },
    skipped: { symbol: '–', word: 'übersprungen' },
    compensated: { symbol: '↺', word: 'zurückgenommen' },
    unknown: { symbol: '?', word: 'Ausgang unbekannt' },
  },
  processes: {
    onboarding: 'Eintritt',
    mover: 'Wechsel',
    offboarding: 'Austritt',
    absence: 'Abwesenheit',
    reinstatement: 'Wiederherstellung',
  },
  kinds: {
    requested: 'beantragt',
    approved: 'freigegeben',
    decision_given: 'Entscheidung getroffen',
    difference_presented: 'Abweichung zur Freigabe vorgelegt',
    difference_approved: 'Abweichung freigegeben',
    difference_rejected: 'Abweichung abgelehnt',
    run_running: 'Ablauf arbeitet',
    run_waiting: 'Ablauf wartet',
    run_ended: 'Ablauf beendet',
    before_image_recorded: 'Ausgangswerte festgehalten',
    step_tried_again: 'Schritt erneut begonnen',
    step_waiting: 'Schritt wartet',
    step_held: 'Schritt angehalten: Abweichung',
    step_late: 'Schritt verspätet begonnen',
    step_ended: 'Schritt beendet',
    step_compensated: 'Schritt zurückgenommen',
    step_not_compensated: 'Schritt nicht zurückgenommen',
    deadline_missed: 'Frist verpasst',
    locked_out: 'sofort gesperrt',
    manual_step_opened: 'Aufgabe gestellt',
    reminded: 'erinnert',
    engine_lost: 'Ablauf verloren',
    password_collected: 'Kennwort abgeholt',
    link_expired: 'Kennwort nicht abgeholt, Link abgelaufen',
    act_pause: 'Eingriff: angehalten',
    act_resume: 'Eingriff: fortgesetzt',
    act_cancel: 'Eingriff: abgebrochen',
    act_retry: 'Eingriff: Schritt wiederholt',
    act_skip: 'Eingriff: Schritt übersprungen',
    act_complete: 'Eingriff: Aufgabe erledigt',
    act_reschedule: 'Eingriff: verschoben',
    act_lock_out: 'Eingriff: sofort sperren',
  },
  decisions: { approve: { symbol: '✔', word: 'freigegeben' }, reject: { symbol: '✘', word: 'abgelehnt' } },
  words: {
    outcome: 'Ergebnis',
    about: 'Betrifft',
    process: 'Vorgang',
    customer: 'Kunde',
    started: 'Begonnen',
    ended: 'Beendet',
    run: 'Ablauf',
    request: 'Antrag',
    asked: 'Beantragt',
    decided: 'Freigegeben',
    done: 'Ausgeführt und nachgewiesen',
    history: 'Verlauf',
    by: 'von',
    at: 'Zeitpunkt',
    what: 'Was',
    value: 'Wert',
    decision: 'Entscheidung',
    plan: 'Plan',
    reason: 'Grund',
    confirmation: 'bestätigt (zweite Person)',
    object: 'Objekt',
    field: 'Feld',
    before: 'vorher',
    approved: 'freigegeben',
    readBack: 'zurückgelesen',
    proof: 'Nachweis',
    attempts: 'Versuche',
    late: 'verspätet begonnen',
    deadline: 'Frist',
    kept: 'eingehalten',
    missed: 'verpasst',
    dueBy: 'vorgesehen',
    critical: 'sperrt den Zugang',
    irreversible: 'nicht umkehrbar',
    notInEffect: 'nicht wirksam geworden',
    problem: 'Problem',
    nothingChanged: 'Es war nichts zu ändern.',
    none: 'keine',
    step: 'Schritt',
    who: 'Wer',
    genuine: 'Echtheit',
    hash: 'SHA-256 des Zertifikats (JSON)',
    key: 'Schlüssel der Signatur',
    unsigned: 'Diese Installation signiert keine Zertifikate.',
    yes: 'ja',
    no: 'nein',
  },
};

const EN: CertificateTexts = {
  locale: 'en-GB',
  title: 'Completion certificate',
  intro: 'What was asked, approved, done and proven, when and by whom.',
  outcomes: {
    completed: { symbol: '✔', word: 'completed' },
    completed_with_errors: { symbol: '⚠', word: 'completed with errors' },
    failed: { symbol: '✘', word: 'failed' },
    cancelled: { symbol: '■', word: 'cancelled' },
    succeeded: { symbol: '✔', word: 'done and proven' },
    already_in_desired_state: { symbol: '=', word: 'was so already' },
    skipped: { symbol: '–', word: 'skipped' },
    compensated: { symbol: '↺', word: 'taken back' },
    unknown: { symbol: '?', word: 'outcome unknown' },
  },
  processes: {
    onboarding: 'Joiner',
    mover: 'Mover',
    offboarding: 'Leaver',
    absence: 'Absence',
    reinstatement: 'Reinstatement',
  },
  kinds: {},
  decisions: { approve: { symbol: '✔', word: 'approved' }, reject: { symbol: '✘', word: 'rejected' } },
  words: {
    outcome: 'Outcome',
    about: 'About',
    process: 'Process',
    customer: 'Customer',
    started: 'Started',
    ended: 'Ended',
    run: 'Run',
    request: 'Request',
    asked: 'Asked for',
    decided: 'Approved',
    done: 'Done and proven',
    history: 'History',
    by: 'by',
    at: 'Time',
    what: 'What',
    value: 'Value',
    decision: 'Decision',
    plan: 'Plan',
    reason: 'Reason',
    confirmation: 'confirmed (second person)',
    object: 'Object',
    field: 'Field',
    before: 'before',
    approved: 'approved',
    readBack: 'read back',
    proof: 'Proof',
    attempts: 'Attempts',
    late: 'begun late',
    deadline: 'Deadline',
    kept: 'kept',
    missed: 'missed',
    dueBy: 'planned for',
    critical: 'locks access',
    irreversible: 'irreversible',
    notInEffect: 'never took effect',
    problem: 'Problem',
    nothingChanged: 'There was nothing to change.',
    none: 'none',
    step: 'Step',
    who: 'Who',
    genuine: 'Authenticity',
    hash: 'SHA-256 of the certificate (JSON)',
    key: 'Key of the signature',
    unsigned: 'This installation signs no certificates.',
    yes: 'yes',
    no: 'no',
  },
};

export const CERTIFICATE_TEXTS: Readonly<Record<PageLanguage, CertificateTexts>> = { de: DE, en: EN };

/** What a kind of line in the history is called. */
export function kindLabel(texts: CertificateTexts, kind: string): string {
  return texts.kinds[kind] ?? kind.replaceAll('_', ' ');
}

export function outcomeMark(texts: CertificateTexts, outcome: string | null): Mark {
  return texts.outcomes[outcome ?? 'unknown'] ?? { symbol: '•', word: outcome! };
}
