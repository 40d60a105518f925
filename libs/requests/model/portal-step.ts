import type { JsonObject } from '#libs/kernel';

/** What of a drafted step matters here. */
interface Draft {
  readonly id: string;
  readonly dependsOn: readonly string[];
  readonly accessCritical: boolean;
  readonly notBefore: string | null;
  readonly deadline?: string | null;
}

/** The step that closes a leaver's account of the portal; it is there whenever the leaver has one. */
export interface PortalStep extends Draft {
  readonly title: string;
  readonly block: string;
  readonly system: string;
  readonly runsAfterFailure: boolean;
  readonly input: JsonObject;
}

/**
 * Closes the portal account together with the rest of what locks the leaver out: at the same time and by the same
 * deadline, waiting for nothing. What tells people that the run is through waits for it as well.
 */
export function portalStep(user: string, others: readonly Draft[]): PortalStep {
  const critical = others.find((step) => step.accessCritical);
  return {
    id: 'close_portal_account',
    title: 'Close the portal account',
    block: 'portal.account.close',
    system: 'portal',
    dependsOn: [],
    accessCritical: true,
    runsAfterFailure: true,
    notBefore: critical?.notBefore ?? null,
    ...(critical?.deadline ? { deadline: critical.deadline } : {}),
    input: { user },
  };
}
