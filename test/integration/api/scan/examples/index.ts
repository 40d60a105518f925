import type { RouteExamples } from '../example.js';
import { identityExamples } from './identity.js';
import { peopleExamples } from './people.js';
import { escalationExamples } from './escalation.js';
import { oncallExamples } from './oncall.js';
import { outgoingExamples } from './outgoing.js';
import { approvalExamples } from './approvals.js';
import { promiseExamples } from './promises.js';
import { publicExamples } from './public.js';
import { requestExamples } from './requests.js';
import { runExamples } from './runs.js';
import { secretExamples } from './secrets.js';
import { settingsExamples } from './settings.js';
import { offboardingExamples } from './offboarding.js';
import { slaExamples } from './sla.js';
import { tenancyExamples } from './tenancy.js';
import { ticketMailExamples } from './ticket-mails.js';
import { ticketExamples } from './tickets.js';
import { webhookExamples } from './webhooks.js';

/** A call of each operation of the API that succeeds in the tenant it is made in. A route without one fails the scan. */
export const routeExamples: RouteExamples = {
  ...requestExamples,
  ...approvalExamples,
  ...runExamples,
  ...settingsExamples,
  ...secretExamples,
  ...peopleExamples,
  ...tenancyExamples,
  ...slaExamples,
  ...promiseExamples,
  ...oncallExamples,
  ...escalationExamples,
  ...ticketExamples,
  ...ticketMailExamples,
  ...offboardingExamples,
  ...outgoingExamples,
  ...webhookExamples,
  ...identityExamples,
  ...publicExamples,
};

/** Routes that the API's description leaves out, by handler, with the reason and where they are tried instead. */
export const HIDDEN: Readonly<Record<string, string>> = {
  'DocsController.openApi': 'the description itself: public, the same for everybody',
  'DocsController.page': 'public and fixed',
  'DocsController.start': 'public and fixed',
  'DocsController.styles': 'public and fixed',
  'DocsController.script': 'public and fixed',
  'CalendarController.show': 'a calendar behind a secret address: test/integration/api/oncall.spec.ts',
  'ProviderAnswersController.take': 'by a provider’s signature: test/integration/api/escalation.spec.ts',
  'HandOverController.show': 'a page behind a one-time link: test/integration/api/hand-over.spec.ts',
  'HandOverController.collect': 'a page behind a one-time link: test/integration/api/hand-over.spec.ts',
  'SignInController.begin': 'a browser’s way to an issuer: test/integration/identity/sign-in.spec.ts',
  'SignInController.beginByButton': 'the same by a button: test/integration/identity/login-csrf.spec.ts',
  'SignInController.callback': 'a browser’s way back: test/integration/identity/sign-in.spec.ts',
  'SignInController.ended': 'public and fixed',
  'SignInController.backChannelLogout': 'by an issuer’s signed token: test/integration/identity/sessions.spec.ts',
  'PasskeySignInController.page': 'public and fixed',
  'PasskeySignInController.script': 'public and fixed',
  'PasskeySignInController.begin': 'about nobody yet: test/integration/identity/passkeys.spec.ts',
  'PasskeySignInController.complete': 'by a passkey: test/integration/identity/passkeys.spec.ts',
  'PasskeySignInController.registerByLink': 'by a signed link: test/integration/identity/passkeys.spec.ts',
  'MailedLinksController.show': 'a page behind a signed link: test/integration/api/mailed-links.spec.ts',
  'MailedLinksController.act': 'a page behind a signed link: test/integration/api/mailed-links.spec.ts',
};
