import type { PageLanguage } from '../http/html.js';

/** How a link ended, or that it never was one: each with why, and what to do next. */
export type EndedLink = 'used' | 'expired' | 'revoked' | 'gone' | 'forged' | 'held' | 'unavailable';

export const ENDED_STATUS: Readonly<Record<EndedLink, number>> = {
  used: 410,
  expired: 410,
  revoked: 410,
  gone: 410,
  forged: 404,
  held: 403,
  unavailable: 503,
};

/** The heading, then a paragraph each. */
export const ENDED_TEXTS: Readonly<Record<PageLanguage, Readonly<Record<EndedLink, readonly string[]>>>> = {
  de: {
    used: [
      'Dieser Link ist schon benutzt',
      'Jeder Link gilt für eine Handlung. Sie ist geschehen und wird nicht wiederholt.',
      'Waren Sie das nicht selbst? Melden Sie sich sofort bei Ihrer IT: Jemand anderes hatte den Link.',
    ],
    expired: [
      'Dieser Link ist abgelaufen',
      'Mit ihm wurde nichts getan, und es geht auch nichts mehr.',
      'Bitten Sie Ihre IT um einen neuen Link, wenn Sie noch handeln wollen.',
    ],
    revoked: [
      'Dieser Link gilt nicht mehr',
      'Er wurde zurückgezogen, weil er nicht mehr gebraucht wird. Mit ihm wurde nichts getan.',
      'Fragen Sie Ihre IT, wenn Sie noch etwas tun wollten.',
    ],
    gone: [
      'Diesen Link gibt es nicht mehr',
      'Er kam von uns, ist aber so alt, dass er gelöscht wurde. Er bewirkt nichts.',
      'Bitten Sie Ihre IT um einen neuen Link, wenn Sie noch handeln wollen.',
    ],
    forged: [
      'Diesen Link haben wir nicht ausgestellt',
      'Die Adresse ist unvollständig oder verändert. Er bewirkt nichts.',
      'Kopieren Sie die ganze Adresse aus der Mail. Hilft das nicht, zeigen Sie die Mail Ihrer IT.',
    ],
    held: [
      'Der Zugang Ihres Unternehmens ruht',
      'Solange das so ist, kann niemand von dort hier handeln. Es wurde nichts getan und der Link ist nicht verbraucht.',
      'Fragen Sie Ihre IT, wann es weitergeht.',
    ],
    unavailable: [
      'Gerade nicht möglich',
      'Es wurde nichts getan und der Link ist nicht verbraucht.',
      'Versuchen Sie es in einer Minute noch einmal.',
    ],
  },
  en: {
    used: [
      'This link was used already',
      'Each link is for one act. That was done and is not repeated.',
      'It was not you? Tell your IT at once: somebody else had the link.',
    ],
    expired: [
      'This link has expired',
      'Nothing was done with it, and nothing can be done with it any more.',
      'Ask your IT for a new link if you still want to act.',
    ],
    revoked: [
      'This link is no longer valid',
      'It was withdrawn because it is not needed any more. Nothing was done with it.',
      'Ask your IT if there was something you still wanted to do.',
    ],
    gone: [
      'This link is gone',
      'It came from us, but is so old that it was deleted. It does nothing.',
      'Ask your IT for a new link if you still want to act.',
    ],
    forged: [
      'We did not issue this link',
      'The address is incomplete or was changed. It does nothing.',
      'Copy the whole address from the mail. If that does not help, show the mail to your IT.',
    ],
    held: [
      'Your company’s access is suspended',
      'Meanwhile nobody there can act here. Nothing was done and the link is not used up.',
      'Ask your IT when it goes on.',
    ],
    unavailable: ['Not possible just now', 'Nothing was done and the link is not used up.', 'Try again in a minute.'],
  },
};
