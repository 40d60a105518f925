import { findUserIdentity, readUserFacts, type BlockContext, type UserFacts } from '#libs/connectors';
import { PortalAccounts } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import type { Pulse, StepDraft, StepSystems } from '#libs/process';
import type { PlanRemark } from '#libs/process/model';
import {
  AccountProtected,
  isGuarded,
  learnIdentity,
  listProtectedAccounts,
  portalStep,
  readSettings,
  withoutLeaver,
  withoutNames,
  type StoredRequest,
} from '#libs/requests';

/** Steps as they may be planned, with what whoever approves has to know about that. */
export interface GuardedDrafts {
  readonly drafts: readonly StepDraft[];
  readonly remarks: readonly PlanRemark[];
}

const DIRECTORY = 'directory';

/** How the directory is asked about people before a plan is drawn. */
export interface DirectoryFacts {
  readonly readUserFacts: typeof readUserFacts;
  readonly findUserIdentity: typeof findUserIdentity;
}
/** Blocks after which somebody can no longer act as an administrator. */
const TAKES_ACCESS: readonly string[] = [
  'ldap.user.disable',
  'ldap.user.reset-password',
  'ldap.user.remove-from-groups',
  'ldap.user.set-groups',
  'ldap.user.delete',
];

/**
 * What is looked at before a plan is drawn: whether it may touch whom it is about, whom it tells, and what of the person is
 * ours. Reads only, apart from the identities of protected accounts, which it learns.
 */
export class PlanGuards {
  private readonly portal: PortalAccounts;

  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
    private readonly facts: DirectoryFacts = { readUserFacts, findUserIdentity },
  ) {
    this.portal = new PortalAccounts(database);
  }

  /** Throws `AccountProtected` where the customer's rule is to refuse, and what reading the directory throws. */
  async prepare(request: StoredRequest, drafts: readonly StepDraft[], pulse: Pulse): Promise<GuardedDrafts> {
    const told = drafts.map((draft) => withoutNames(draft, confidentialityOf(request)));
    if (!isGuarded(request.type)) return { drafts: told, remarks: [] };
    const facts = await this.factsOf(request, drafts, pulse);
    const remarks = facts ? await this.lastAdministrator(request, drafts, facts) : [];
    if (request.type !== 'offboarding') return { drafts: told, remarks };
    const { tenant_id: tenant, subject: user } = request;
    const heard = withoutLeaver(told, { user, tenant, addresses: facts?.addresses ?? [] });
    return { drafts: await this.withPortalStep(request, heard.steps), remarks: [...remarks, ...heard.remarks] };
  }

  private async withPortalStep(request: StoredRequest, drafts: readonly StepDraft[]): Promise<readonly StepDraft[]> {
    const { tenant_id: tenant, subject: user } = request;
    const { openKeys } = await this.portal.find(tenant, user, '');
    return openKeys > 0 ? [portalStep(user, drafts), ...drafts] : drafts;
  }

  /** Null for a request that leaves the directory alone. */
  private async factsOf(request: StoredRequest, drafts: readonly StepDraft[], pulse: Pulse): Promise<UserFacts | null> {
    if (!drafts.some((draft) => draft.system === DIRECTORY)) return null;
    const directory = await this.directory(request, pulse);
    await this.learnIdentities(request.tenant_id, directory, pulse);
    return this.facts.readUserFacts(directory, request.subject);
  }

  private async lastAdministrator(
    request: StoredRequest,
    drafts: readonly StepDraft[],
    { lastAdministratorOf: groups }: UserFacts,
  ): Promise<readonly PlanRemark[]> {
    const step = drafts.find((draft) => TAKES_ACCESS.includes(draft.block));
    if (!step || groups.length === 0) return [];
    const { tenant_id: tenant, subject } = request;
    const text = `${subject} is the last who can sign in of ${groups.join(' and ')}.`;
    const settings = await inTenants(this.database, [tenant], (tx) => readSettings(tx, tenant));
    if (settings.lastAdministrator === 'refuse')
      throw new AccountProtected(`${text} Appoint another administrator first, or let a second person confirm it.`);
    return [{ stepId: step.id, code: 'directory.last_administrator', text }];
  }

  /** Protected accounts are known by name until the directory has told who that is; from then on also when renamed. */
  private async learnIdentities(tenant: string, directory: BlockContext, pulse: Pulse): Promise<void> {
    const accounts = await inTenants(this.database, [tenant], (tx) => listProtectedAccounts(tx, [tenant]));
    const unknown = accounts.filter((account) => account.identity === null);
    for (const { user_name: userName } of unknown) {
      const identity = await this.facts.findUserIdentity(directory, userName);
      pulse.heartbeat();
      if (identity === null) continue;
      await inTenants(this.database, [tenant], (tx) => learnIdentity(tx, tenant, userName, identity));
    }
  }

  private directory({ tenant_id: tenant, id }: StoredRequest, pulse: Pulse): Promise<BlockContext> {
    return this.systems.context(
      { tenant, runId: id, stepId: 'guards', system: DIRECTORY, expectedIdentity: null },
      pulse,
    );
  }
}

function confidentialityOf(request: StoredRequest) {
  return {
    id: request.id,
    startsAt: request.body.startsAt,
    confidentialUntil: request.confidential_until?.toISOString() ?? null,
  };
}
