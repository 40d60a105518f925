import { takenUserNames, UserExists } from '#libs/connectors';
import { inTenants, type Database } from '#libs/platform/database';
import type { Pulse, StepSystems } from '#libs/process';
import { claimedElsewhere, UserNameTaken } from '#libs/requests';
import { mailOf, type OnboardingBody } from '#libs/requests/model';
import type { RequestRef } from '../../../workflows/support/activities.js';

const DIRECTORY = 'directory';
/** The first is usually free; after that a few at a time. */
const AT_ONCE = [1, 9, 99] as const;

/** What only one open on-boarding may have: the user name that it will give. */
export function userNameClaim(user: string): string {
  return `user_name:${user.toLowerCase()}`;
}

/** Chooses the user name of a joiner: the first of the candidates that nobody has and no other joiner is going to get. */
export class UserNameChoice {
  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
  ) {}

  /** `excluded` were found to be impossible meanwhile. Throws `UserNameTaken` when none is left. */
  async choose(
    ref: RequestRef,
    { userNames }: OnboardingBody,
    excluded: ReadonlySet<string>,
    pulse: Pulse,
  ): Promise<string> {
    const { tenant, requestId } = ref;
    const place = { tenant, runId: requestId, stepId: 'create_user', system: DIRECTORY, expectedIdentity: null };
    const context = await this.systems.context(place, pulse);
    let rest = userNames.filter((name) => !excluded.has(name));
    for (const count of AT_ONCE) {
      const some = rest.slice(0, count);
      rest = rest.slice(count);
      if (some.length === 0) break;
      const taken = new Set([...(await takenUserNames(context, some)), ...(await this.claimed(ref, some))]);
      pulse.heartbeat();
      const free = some.find((name) => !taken.has(name));
      if (free !== undefined) return free;
    }
    throw new UserNameTaken(`${userNames[0]} and every alternative to it is taken. Give a userName.`);
  }

  private async claimed({ tenant, requestId }: RequestRef, names: readonly string[]): Promise<readonly string[]> {
    const claims = new Map(names.map((name) => [userNameClaim(name), name]));
    const found = await inTenants(this.database, [tenant], (tx) =>
      claimedElsewhere(tx, tenant, requestId, [...claims.keys()]),
    );
    return found.map((claim) => claims.get(claim)!);
  }
}

/** Whether an error says that this user name, or the address that it makes, belongs to somebody. */
export function isTaken(error: unknown, body: OnboardingBody, user: string): boolean {
  if (!(error instanceof UserExists)) return false;
  const value = error.context?.['value'];
  return value === undefined || value === user || value === mailOf(body, user);
}
