import type { FieldProblem } from '#libs/kernel';
import { DECIDING_ROLES, type ApprovalPolicy, type Approver, type ApprovalStage } from './approval-policy.model.js';

/** Somebody with an account who holds a role for the customer now. */
export interface RoleHolder {
  readonly subject: string;
  readonly at: 'customer' | 'msp';
  readonly role: string;
  readonly mail: string | null;
  readonly language: 'de' | 'en' | null;
}

/** What a policy names that cannot be, given who holds which role now. Empty: it can be enforced. */
export function policyFaults(policy: ApprovalPolicy, holders: readonly RoleHolder[]): FieldProblem[] {
  const people = policy.stages.flatMap((stage, index) =>
    stage.approvers.flatMap((approver, at) => approverFaults(approver, `stages.${index}.approvers.${at}`, holders)),
  );
  const escalated = (policy.escalation?.to ?? []).flatMap((approver, at) =>
    approverFaults(approver, `escalation.to.${at}`, holders),
  );
  const counts = policy.stages.flatMap((stage, index) => countFaults(stage, `stages.${index}`, holders));
  const spent = counts.length > 0 ? [] : laterFaults(policy.stages, holders);
  return [...people, ...escalated, ...counts, ...spent, ...repeatFaults(policy), ...timeFaults(policy)];
}

function approverFaults(approver: Approver, path: string, holders: readonly RoleHolder[]): FieldProblem[] {
  switch (approver.kind) {
    case 'role': {
      const roles: readonly string[] = DECIDING_ROLES[approver.at];
      const message = `At the ${approver.at} only ${roles.join(' and ')} may decide.`;
      return roles.includes(approver.role) ? [] : [{ path: `${path}.role`, code: 'not_allowed', message }];
    }
    case 'person': {
      const held = holders.filter(({ subject }) => same(subject, approver.subject));
      if (held.length === 0)
        return [{ path: `${path}.subject`, code: 'not_found', message: `Nobody has the account ${approver.subject}.` }];
      return held.some(mayDecide)
        ? []
        : [{ path: `${path}.subject`, code: 'cannot_decide', message: `No role of ${approver.subject} may decide.` }];
    }
    case 'contact': {
      const owner = holders.find(({ mail }) => mail !== null && same(mail, approver.mail));
      const message = `That is the address of ${owner?.subject}. Name the person instead.`;
      return owner ? [{ path: `${path}.mail`, code: 'has_account', message }] : [];
    }
  }
}

/** Everybody whom a policy names, stage by stage and where it is escalated to. */
export function approversIn({ stages, escalation }: ApprovalPolicy): readonly Approver[] {
  return [...stages.flatMap((stage) => stage.approvers), ...(escalation?.to ?? [])];
}

/** The addresses of the contacts that a policy names. */
export function contactsOf(policy: ApprovalPolicy): string[] {
  return approversIn(policy).flatMap((approver) => (approver.kind === 'contact' ? [approver.mail] : []));
}

/** Whether a role lets its holder decide. */
export function mayDecide({ at, role }: Pick<RoleHolder, 'at' | 'role'>): boolean {
  return (DECIDING_ROLES[at] as readonly string[]).includes(role);
}

/** Somebody who is named and holds a named role counts once. With so many rejections, enough others must be left to approve. */
function countFaults(stage: ApprovalStage, path: string, holders: readonly RoleHolder[]): FieldProblem[] {
  const people = new Set(stage.approvers.flatMap((approver) => keysOf(approver, holders))).size;
  const { needed, rejections } = stage;
  if (needed > people)
    return [
      { path: `${path}.needed`, code: 'too_large', message: `The stage has ${people} approvers, not ${needed}.` },
    ];
  const most = people - needed + 1;
  const message = `With ${most} rejections of ${people} approvers ${needed} approvals cannot be reached any more.`;
  return rejections > most ? [{ path: `${path}.rejections`, code: 'too_large', message }] : [];
}

/** Who an approver is, as subjects of votes in small letters. */
export function keysOf(approver: Approver, holders: readonly RoleHolder[]): string[] {
  switch (approver.kind) {
    case 'role':
      return holders
        .filter(({ at, role }) => at === approver.at && role === approver.role)
        .map(({ subject }) => subject.toLowerCase());
    case 'person':
      return [approver.subject.toLowerCase()];
    case 'contact':
      return [mailSubject(approver.mail)];
  }
}

/** One person counts once: stages that ask the same few need as many of them as all these stages together (Hall's theorem). */
function laterFaults(stages: readonly ApprovalStage[], holders: readonly RoleHolder[]): FieldProblem[] {
  const keys = stages.map(({ approvers }) => approvers.flatMap((approver) => keysOf(approver, holders)));
  for (const chosen of subsetsOf(stages.length)) {
    const people = new Set(chosen.flatMap((index) => keys[index]!)).size;
    const needed = chosen.reduce((sum, index) => sum + stages[index]!.needed, 0);
    if (needed <= people) continue;
    const message = `Whoever approves counts once: with the stages before it needs ${needed} of the same ${people} approvers.`;
    return [{ path: `stages.${chosen.at(-1)!}.needed`, code: 'too_large', message }];
  }
  return [];
}

/** The sets of indexes below `count`, each in order, without the empty one; a policy has five stages at most. */
function subsetsOf(count: number): number[][] {
  const indexes = Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: 2 ** count - 1 }, (_, set) =>
    indexes.filter((index) => (((set + 1) >> index) & 1) === 1),
  );
}

/** One person counts once in all stages, so naming somebody in two of them could never be fulfilled. */
function repeatFaults({ stages }: ApprovalPolicy): FieldProblem[] {
  const seen = new Set<string>();
  return stages.flatMap(({ approvers }, index) =>
    approvers.flatMap((approver, at) => {
      if (approver.kind === 'role') return [];
      const [key] = keysOf(approver, []);
      if (!seen.has(key!)) {
        seen.add(key!);
        return [];
      }
      const message = 'Named twice; one person counts once.';
      return [{ path: `stages.${index}.approvers.${at}`, code: 'duplicate', message }];
    }),
  );
}

function timeFaults({ expiry, escalation }: ApprovalPolicy): FieldProblem[] {
  if (expiry?.outcome === 'escalate' && !escalation)
    return [{ path: 'escalation', code: 'missing', message: 'Say to whom it is escalated when it expires.' }];
  if (
    expiry?.afterHours !== undefined &&
    escalation &&
    escalation.afterHours >= expiry.afterHours &&
    expiry.outcome === 'reject'
  )
    return [
      { path: 'escalation.afterHours', code: 'too_large', message: 'It is rejected before it would be escalated.' },
    ];
  return [];
}

/** Who decided by a link in a mail, as histories name them. */
export function mailSubject(address: string): string {
  return `mail:${address.toLowerCase()}`;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
