import type { DynamicModule, Provider } from '@nestjs/common';
import { APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AccessGuard } from './access/access.guard.js';
import { Actors } from './access/actors.js';
import { ApiKeyReader } from './access/api-key.reader.js';
import { WrittenTenant } from './access/written-tenant.js';
import { limitsFeature } from './limits/limits.feature.js';
import { CallLimits } from './limits/call-limits.js';
import { ParseInput } from './http/validation.js';
import type { ApiParts, Feature } from './feature.js';
import { alarmsFeature } from './alarms/alarms.feature.js';
import { approvalsFeature } from './approvals/approvals.feature.js';
import { actsFeature } from './acts/acts.feature.js';
import { apiKeysFeature } from './api-keys/api-keys.feature.js';
import { auditFeature } from './audit/audit.feature.js';
import { certificatesFeature } from './certificates/certificates.feature.js';
import { deadLettersFeature } from './dead-letters/dead-letters.feature.js';
import { docsFeature } from './openapi/docs.feature.js';
import { escalationFeature } from './escalation/escalation.feature.js';
import { handOverFeature } from './hand-over/hand-over.feature.js';

import { healthFeature } from './health/health.feature.js';
import type { LinkPage } from './mailed-links/link-page.js';
import { ActByLink } from './mailed-links/act-by-link.js';
import { mailedLinksFeature } from './mailed-links/mailed-links.feature.js';
import { identityFeature } from './identity/identity.feature.js';
import { invitationsFeature } from './invitations/invitations.feature.js';
import { passkeysFeature } from './passkeys/passkeys.feature.js';
import { importsFeature } from './imports/imports.feature.js';
import { agreedDatesFeature } from './tickets/agreed-dates.feature.js';
import { oncallFeature } from './oncall/oncall.feature.js';
import { peopleFeature } from './people/people.feature.js';
import { outgoingFeature } from './outgoing/outgoing.feature.js';
import { privacyFeature } from './privacy/privacy.feature.js';
import { protectedAccountsFeature } from './protected-accounts/protected-accounts.feature.js';
import { requestsFeature } from './requests/requests.feature.js';
import { retentionFeature } from './retention/retention.feature.js';
import { runsFeature } from './runs/runs.feature.js';
import { secretsFeature } from './secrets/secrets.feature.js';
import { settingsFeature } from './settings/settings.feature.js';
import { slaFeature } from './sla/sla.feature.js';
import { temporalCodecFeature } from './temporal-codec/temporal-codec.feature.js';
import { webhooksFeature } from './webhooks/webhooks.feature.js';
import { templatesFeature } from './templates/templates.feature.js';
import { customerOffboardingFeature } from './customer-offboarding/offboarding.feature.js';
import { tenantExportsFeature } from './tenant-exports/tenant-exports.feature.js';
import { ticketMailFeature } from './ticket-mail/ticket-mail.feature.js';
import { ticketsFeature } from './tickets/tickets.feature.js';
import { tenantsFeature } from './tenants/tenants.feature.js';

/** Every folder of the API, in the order of its description. */
const FEATURES: readonly Feature[] = [
  requestsFeature,
  approvalsFeature,
  templatesFeature,
  importsFeature,
  peopleFeature,
  invitationsFeature,
  apiKeysFeature,
  protectedAccountsFeature,
  settingsFeature,
  limitsFeature,
  retentionFeature,
  secretsFeature,
  tenantsFeature,
  outgoingFeature,
  privacyFeature,
  webhooksFeature,
  tenantExportsFeature,
  customerOffboardingFeature,
  ticketsFeature,
  ticketMailFeature,
  slaFeature,
  escalationFeature,
  oncallFeature,
  agreedDatesFeature,
  runsFeature,
  actsFeature,
  handOverFeature,
  mailedLinksFeature,
  certificatesFeature,
  auditFeature,
  alarmsFeature,
  deadLettersFeature,
  identityFeature,
  passkeysFeature,
  temporalCodecFeature,
  healthFeature,
  docsFeature,
];

/** Every controller of the API. */
export const CONTROLLERS = FEATURES.flatMap((feature) => feature.controllers);

/** The pages behind links in mails, of every folder: one for each purpose. */
export function linkPages(parts: ApiParts): readonly LinkPage[] {
  return FEATURES.flatMap((feature) => feature.linkPages?.(parts) ?? []);
}

/** Wires the controllers to their use cases. */
export class ApiModule {
  static with(parts: ApiParts, callLimits: CallLimits): DynamicModule {
    const features = FEATURES.flatMap((feature) => feature.providers(parts));
    return { module: ApiModule, controllers: [...CONTROLLERS], providers: [...access(parts, callLimits), ...features] };
  }
}

/** Served beyond this machine it is https (the configuration asks for it): only there is the MSP more than a development's. */
function keys({ database, publicUrl }: ApiParts): ApiKeyReader {
  return new ApiKeyReader(database, publicUrl.startsWith('https:'));
}

function access(parts: ApiParts, callLimits: CallLimits): Provider[] {
  const others = FEATURES.flatMap((feature) => feature.credentialReaders?.(parts) ?? []);
  return [
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: CallLimits, useValue: callLimits },
    { provide: APP_PIPE, useClass: ParseInput },
    // the reader of keys comes last: a bearer credential that nobody else knows is a key that is not valid
    { provide: Actors, useValue: new Actors([...others, keys(parts)]) },
    { provide: ActByLink, useValue: new ActByLink(parts.database, linkPages(parts), parts.noteRefusedLink) },
    { provide: WrittenTenant, useValue: new WrittenTenant(parts.database) },
  ];
}
