import type { DynamicModule, Provider } from '@nestjs/common';
import { APP_GUARD, APP_PIPE } from '@nestjs/core';
import type { Database } from '#libs/platform/database';
import type { OutboxHint } from '#libs/platform/outbox';
import type { SigningKeys } from '#libs/platform/secrets';
import { AcceptRequests, ImportRequests, ReadRequests, SubmitRequest } from '#libs/requests';
import { AccessGuard } from './access/access.guard.js';
import { Actors } from './access/actors.js';
import { WrittenTenant } from './access/written-tenant.js';
import { CertificatesController } from './certificates/certificates.controller.js';
import { IssueCertificate } from './certificates/issue-certificate.js';
import { SigningKeysController } from './certificates/signing-keys.controller.js';
import { ActsController } from './acts/acts.controller.js';
import { GiveAct } from './acts/give-act.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { ListDeadLetters } from './dead-letters/list-dead-letters.js';
import { ReplayDeadLetter } from './dead-letters/replay-dead-letter.js';
import { CollectPassword } from './hand-over/collect-password.js';
import { HandOverController } from './hand-over/hand-over.controller.js';
import { HandOversController } from './hand-over/hand-overs.controller.js';
import { ListHandOvers } from './hand-over/list-hand-overs.js';
import { DatabaseCheck } from './health/database-check.js';
import { HealthController } from './health/health.controller.js';
import { ParseInput } from './http/validation.js';
import { ApiDocument } from './openapi/api-document.js';
import { DocsController } from './openapi/docs.controller.js';
import { ProtectedAccounts } from './protected-accounts/protected-accounts.js';
import { ProtectedAccountsController } from './protected-accounts/protected-accounts.controller.js';
import { ConfirmPlan } from './requests/confirm-plan.js';
import { ConfirmationsController } from './requests/confirmations.controller.js';
import { DecidePlan } from './requests/decide-plan.js';
import { ListRequests } from './requests/list-requests.js';
import { ShowRequest } from './requests/show-request.js';
import { RequestsController } from './requests/requests.controller.js';
import { ReadRuns } from './runs/read-runs.js';
import { ReinstateRun } from './runs/reinstate-run.js';
import { RunsController } from './runs/runs.controller.js';
import { SettingsController } from './settings/settings.controller.js';
import { TenantSettingsDesk } from './settings/tenant-settings.js';
import { ImportsController } from './imports/imports.controller.js';
import { Templates } from './templates/templates.js';
import { TemplatesController } from './templates/templates.controller.js';

/** Every controller of the API. */
export const CONTROLLERS = [
  RequestsController,
  TemplatesController,
  ImportsController,
  ConfirmationsController,
  ProtectedAccountsController,
  SettingsController,
  RunsController,
  ActsController,
  HandOversController,
  HandOverController,
  CertificatesController,
  SigningKeysController,
  DeadLettersController,
  HealthController,
  DocsController,
] as const;

export interface ApiParts {
  readonly database: Database;
  readonly hint: OutboxHint;
  /** Put before every topic; taken off again from what a dead letter was sent to. */
  readonly topicPrefix: string;
  /** What certificates are signed with; null: they are not. */
  readonly signingKeys: SigningKeys | null;
}

/** Wires the controllers to their use cases. */
export class ApiModule {
  static with(parts: ApiParts): DynamicModule {
    return { module: ApiModule, controllers: [...CONTROLLERS], providers: providers(parts) };
  }
}

function providers({ database, hint, topicPrefix, signingKeys }: ApiParts): Provider[] {
  const requests = new ReadRequests(database);
  const acceptRequests = new AcceptRequests(database, hint);
  return [
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_PIPE, useClass: ParseInput },
    { provide: Actors, useValue: new Actors(database) },
    { provide: WrittenTenant, useValue: new WrittenTenant(database) },
    { provide: ApiDocument, useValue: new ApiDocument() },
    { provide: DatabaseCheck, useValue: new DatabaseCheck(database) },
    { provide: AcceptRequests, useValue: acceptRequests },
    { provide: SubmitRequest, useValue: new SubmitRequest(acceptRequests) },
    { provide: ImportRequests, useValue: new ImportRequests(database, hint) },
    { provide: Templates, useValue: new Templates(database) },
    { provide: ReadRequests, useValue: requests },
    { provide: ShowRequest, useValue: new ShowRequest(requests, database) },
    { provide: ListRequests, useValue: new ListRequests(requests) },
    { provide: DecidePlan, useValue: new DecidePlan(database, hint) },
    { provide: ConfirmPlan, useValue: new ConfirmPlan(database, hint) },
    { provide: ProtectedAccounts, useValue: new ProtectedAccounts(database) },
    { provide: TenantSettingsDesk, useValue: new TenantSettingsDesk(database) },
    { provide: GiveAct, useValue: new GiveAct(database, hint) },
    { provide: ReadRuns, useValue: new ReadRuns(database) },
    { provide: ReinstateRun, useValue: new ReinstateRun(database, hint) },
    { provide: CollectPassword, useValue: new CollectPassword(database, hint) },
    { provide: ListHandOvers, useValue: new ListHandOvers(database) },
    { provide: IssueCertificate, useValue: new IssueCertificate(database, signingKeys) },
    { provide: ListDeadLetters, useValue: new ListDeadLetters(database) },
    { provide: ReplayDeadLetter, useValue: new ReplayDeadLetter(database, hint, topicPrefix) },
  ];
}
