import type { PageLanguage } from '../http/html.js';

/** Why a plan cannot be decided by a link that is open: a heading, then a paragraph each. */
export type NotDecidable =
  'superseded' | 'withdrawn' | 'approved' | 'rejected' | 'expired' | 'not_asked' | 'voted' | 'requester' | 'subject';

export interface ApprovalTexts {
  readonly locale: string;
  readonly heading: (process: string, subject: string) => string;
  readonly intro: string;
  readonly facts: Readonly<Record<'subject' | 'customer' | 'requestedBy' | 'startsAt' | 'expiresAt', string>>;
  readonly steps: string;
  readonly noChange: string;
  readonly irreversible: string;
  readonly undo: string;
  readonly hidden: string;
  readonly nothing: string;
  readonly remarks: string;
  readonly secondPerson: string;
  readonly drift: string;
  readonly reason: string;
  readonly reasonHint: string;
  readonly approve: string;
  readonly reject: string;
  readonly once: (instant: string) => string;
  readonly choose: readonly string[];
  readonly refused: string;
  readonly unused: string;
  readonly done: Readonly<Record<'approved' | 'rejected' | 'counted' | 'second_person', readonly string[]>>;
  readonly not: Readonly<Record<NotDecidable, readonly string[]>>;
}

export const APPROVAL_TEXTS: Readonly<Record<PageLanguage, ApprovalTexts>> = {
  de: {
    locale: 'de-DE',
    heading: (process, subject) => `Freigabe: ${process} ${subject}`,
    intro:
      'Das geschieht, wenn Sie freigeben. Genau diesen Plan entscheiden Sie; ändert er sich, werden Sie neu gefragt.',
    facts: {
      subject: 'Für',
      customer: 'Kunde',
      requestedBy: 'Angefragt von',
      startsAt: 'Beginn',
      expiresAt: 'Entscheidung bis',
    },
    steps: 'Schritte',
    noChange: 'Schon im gewünschten Zustand; es ändert sich nichts.',
    irreversible: 'Lässt sich nicht zurücknehmen',
    undo: 'Nimmt zurück',
    hidden: 'wird gesetzt',
    nothing: 'leer',
    remarks: 'Hinweise',
    secondPerson: 'Zusätzlich muss eine zweite Person beim Dienstleister bestätigen:',
    drift: 'Seit der letzten Freigabe hat jemand anderes etwas geändert; deshalb wird neu gefragt.',
    reason: 'Begründung',
    reasonHint: 'Freiwillig bei einer Freigabe, nötig bei einer Ablehnung.',
    approve: 'Freigeben',
    reject: 'Ablehnen',
    once: (instant) => `Dieser Link gilt für eine Entscheidung, bis ${instant}.`,
    choose: [
      'Es fehlt noch etwas',
      'Wählen Sie „Freigeben“ oder „Ablehnen“. Eine Ablehnung braucht eine Begründung von höchstens 2000 Zeichen.',
      'Es wurde nichts entschieden und der Link ist nicht verbraucht. Gehen Sie zurück und wählen Sie noch einmal.',
    ],
    refused: 'Das geht gerade nicht',
    unused: 'Es wurde nichts entschieden und der Link ist nicht verbraucht.',
    done: {
      approved: [
        'Freigegeben',
        'Danke. Der Plan ist freigegeben und wird zur vorgesehenen Zeit ausgeführt.',
        'Sie können diese Seite schließen.',
      ],
      rejected: [
        'Abgelehnt',
        'Danke. Der Plan ist abgelehnt; nichts davon wird ausgeführt.',
        'Sie können diese Seite schließen.',
      ],
      counted: [
        'Ihre Stimme zählt',
        'Danke. Es fehlen noch Stimmen anderer, bis der Plan entschieden ist.',
        'Sie können diese Seite schließen.',
      ],
      second_person: [
        'Freigegeben, eine Bestätigung fehlt noch',
        'Danke. Der Plan wird erst ausgeführt, wenn eine zweite Person beim Dienstleister ihn bestätigt.',
        'Sie können diese Seite schließen.',
      ],
    },
    not: {
      superseded: [
        'Dieser Plan gilt nicht mehr',
        'Er wurde durch einen neuen ersetzt. Mit diesem Link wird nichts mehr entschieden.',
        'Wenn Ihre Entscheidung zum neuen Plan gebraucht wird, bekommen Sie eine neue Mail.',
      ],
      withdrawn: [
        'Die Anfrage ist zurückgezogen',
        'Es gibt nichts mehr zu entscheiden.',
        'Fragen Sie Ihre IT, wenn Sie das nicht erwartet haben.',
      ],
      approved: [
        'Der Plan ist schon freigegeben',
        'Andere haben ihn entschieden; Ihre Stimme ist nicht mehr nötig.',
        'Fragen Sie Ihre IT, wenn Sie das nicht erwartet haben.',
      ],
      rejected: [
        'Der Plan ist schon abgelehnt',
        'Es gibt nichts mehr zu entscheiden.',
        'Fragen Sie Ihre IT, wenn Sie das nicht erwartet haben.',
      ],
      expired: [
        'Die Zeit für die Entscheidung ist um',
        'Niemand hat rechtzeitig entschieden; deshalb wird der Plan abgelehnt.',
        'Fragen Sie Ihre IT, wenn er noch gebraucht wird.',
      ],
      not_asked: [
        'Sie werden hierzu nicht mehr gefragt',
        'Die Freigabe liegt jetzt bei anderen.',
        'Fragen Sie Ihre IT, wenn Sie das nicht erwartet haben.',
      ],
      voted: [
        'Sie haben schon entschieden',
        'Ihre Stimme steht fest und wird nicht noch einmal gezählt.',
        'Waren Sie das nicht selbst? Melden Sie sich sofort bei Ihrer IT.',
      ],
      requester: [
        'Sie haben das selbst angefragt',
        'Jemand anderes muss entscheiden. Es wurde nichts entschieden.',
        'Bitten Sie Ihre IT, jemand anderen zu fragen.',
      ],
      subject: [
        'Hier geht es um Sie',
        'Jemand anderes muss entscheiden. Es wurde nichts entschieden.',
        'Bitten Sie Ihre IT, jemand anderen zu fragen.',
      ],
    },
  },
  en: {
    locale: 'en-GB',
    heading: (process, subject) => `Approval: ${process} ${subject}`,
    intro: 'This is what happens if you approve. You decide on exactly this plan; if it changes, you are asked again.',
    facts: {
      subject: 'For',
      customer: 'Customer',
      requestedBy: 'Requested by',
      startsAt: 'Begins',
      expiresAt: 'Decision until',
    },
    steps: 'Steps',
    noChange: 'Already as wanted; nothing changes.',
    irreversible: 'Cannot be taken back',
    undo: 'Takes back',
    hidden: 'is set',
    nothing: 'empty',
    remarks: 'Remarks',
    secondPerson: 'A second person at the service provider has to confirm it as well:',
    drift: 'Somebody else changed something since the last approval, so you are asked again.',
    reason: 'Reason',
    reasonHint: 'Optional when you approve, needed when you reject.',
    approve: 'Approve',
    reject: 'Reject',
    once: (instant) => `This link is for one decision, until ${instant}.`,
    choose: [
      'Something is missing',
      'Choose “Approve” or “Reject”. A rejection needs a reason of at most 2000 characters.',
      'Nothing was decided and the link is not used up. Go back and choose again.',
    ],
    refused: 'This cannot be done now',
    unused: 'Nothing was decided and the link is not used up.',
    done: {
      approved: [
        'Approved',
        'Thank you. The plan is approved and will be carried out at its time.',
        'You can close this page.',
      ],
      rejected: [
        'Rejected',
        'Thank you. The plan is rejected; nothing of it will be done.',
        'You can close this page.',
      ],
      counted: [
        'Your vote counts',
        'Thank you. Votes of others are still missing until the plan is decided.',
        'You can close this page.',
      ],
      second_person: [
        'Approved, a confirmation is missing',
        'Thank you. The plan is carried out once a second person at the service provider confirms it.',
        'You can close this page.',
      ],
    },
    not: {
      superseded: [
        'This plan does not count any more',
        'It was replaced by a new one. Nothing can be decided with this link.',
        'If your decision on the new plan is needed, you get another mail.',
      ],
      withdrawn: [
        'The request was withdrawn',
        'There is nothing to decide any more.',
        'Ask your IT if you did not expect that.',
      ],
      approved: [
        'The plan is approved already',
        'Others have decided; your vote is not needed any more.',
        'Ask your IT if you did not expect that.',
      ],
      rejected: [
        'The plan is rejected already',
        'There is nothing to decide any more.',
        'Ask your IT if you did not expect that.',
      ],
      expired: [
        'The time for the decision is over',
        'Nobody decided in time, so the plan is rejected.',
        'Ask your IT if it is still needed.',
      ],
      not_asked: [
        'You are not asked any more',
        'The approval is with others now.',
        'Ask your IT if you did not expect that.',
      ],
      voted: [
        'You have decided already',
        'Your vote stands and is not counted again.',
        'It was not you? Tell your IT at once.',
      ],
      requester: [
        'You requested this yourself',
        'Somebody else has to decide. Nothing was decided.',
        'Ask your IT to ask somebody else.',
      ],
      subject: [
        'This is about you',
        'Somebody else has to decide. Nothing was decided.',
        'Ask your IT to ask somebody else.',
      ],
    },
  },
};
