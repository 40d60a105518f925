import type { JsonObject } from '#libs/kernel';
import { directoryStep, takingBack, type StepTemplate } from './process-steps.js';

export const GRANT_KINDS = ['forward_mail', 'out_of_office', 'data_access'] as const;
export type GrantKind = (typeof GRANT_KINDS)[number];

/**
 * What somebody gets of a leaver's mail or data, or what the mailbox answers. It is personal data of somebody who is gone:
 * its purpose, who answers for it and when it ends stand in the plan, and the run ends it.
 */
export interface Grant {
  readonly kind: GrantKind;
  /** The address that mail goes to, or the colleague's user name who gets access; null for an answer. */
  readonly to: string | null;
  /** What the mailbox answers; null for the others. */
  readonly text: string | null;
  readonly purpose: string;
  /** Who answers for it. */
  readonly approver: string;
  /** When it ends (UTC). */
  readonly until: string;
}

export const MOST_GRANTS = 10;

const TITLES: Readonly<Record<GrantKind, string>> = {
  forward_mail: 'Forward mail',
  out_of_office: 'Answer that nobody is in',
  data_access: 'Give access to the data',
};

const BLOCKS: Readonly<Record<GrantKind, string>> = {
  forward_mail: 'ldap.mailbox.forward',
  out_of_office: 'ldap.mailbox.out-of-office',
  data_access: 'ldap.user.grant-access',
};

/** For each grant its step and the step that ends it; the second of a kind is named `forward_mail_2`. */
export function grantSteps(user: string, grants: readonly Grant[] = []): StepTemplate[] {
  const seen = new Map<GrantKind, number>();
  return grants.flatMap((grant) => {
    const count = (seen.get(grant.kind) ?? 0) + 1;
    seen.set(grant.kind, count);
    const id = count === 1 ? grant.kind : `${grant.kind}_${count}`;
    const title = `${TITLES[grant.kind]} (${grant.purpose}; ${grant.approver}; until ${grant.until})`;
    const given = directoryStep({ id, title, block: BLOCKS[grant.kind], input: grantInput(user, grant) });
    return [given, takingBack(given, `end_${id}`, `End: ${TITLES[grant.kind]}`, { at: grant.until })];
  });
}

/** The steps that end grants: what removes the account for good waits for them. */
export function endsOfGrants(grants: readonly StepTemplate[]): string[] {
  return grants.filter((one) => one.takesBack !== undefined).map((one) => one.id);
}

function grantInput(user: string, { kind, to, text, purpose, approver, until }: Grant): JsonObject {
  const reason = { purpose, approver, until };
  switch (kind) {
    case 'forward_mail':
      return { user, to, ...reason };
    case 'data_access':
      return { user, colleague: to, ...reason };
    case 'out_of_office':
      return { user, text, ...reason };
  }
}
