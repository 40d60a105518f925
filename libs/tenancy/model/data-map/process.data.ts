import type { TableData } from './table-data.js';

/** Claims lapse three years after the end of their year (§§ 195, 199 BGB). */
const KEPT_YEARS = 3;

/** Requests, plans and runs. Requests and runs come first: what belongs to them is found by them. */
export const PROCESS_DATA: Readonly<Record<string, TableData>> = {
  requests: {
    holds: 'what somebody asked for, about whom, and where it stands',
    persons: ['subject', 'requested_by', 'confidants', 'only_one'],
    content: ['body', 'waiting_for', 'stalled', 'problem', 'escalation'],
    plain: ['type', 'status', 'plan_hash'],
    about: 'subject',
    kept: 'process',
  },
  runs: {
    holds: 'a run of a process, with the plan it carries out',
    persons: ['subject'],
    content: ['plan', 'waiting_for', 'stalled', 'problem'],
    plain: ['process', 'workflow_id', 'status', 'halted'],
    about: 'subject',
    kept: 'process',
  },
  run_steps: {
    holds: 'a step with before-image, receipt, after-image and evidence',
    persons: ['title'],
    content: ['reason', 'waiting_for', 'before_image', 'receipt', 'after_image', 'evidence', 'problem', 'drift'],
    plain: ['step_id', 'block', 'verb', 'system', 'status', 'outcome'],
    about: 'run',
    kept: 'process',
  },
  run_timeline: {
    holds: 'a line of a run’s history',
    persons: ['who'],
    content: ['data'],
    plain: ['kind', 'step_id'],
    about: 'run',
    kept: 'process',
  },
  plans: {
    holds: 'a plan’s revision',
    content: ['plan', 'drift', 'confirmations'],
    plain: ['hash'],
    about: 'request',
    kept: 'process',
  },
  decisions: {
    holds: 'a decision on a plan',
    persons: ['decided_by', 'touches'],
    content: ['reason'],
    plain: ['plan_hash', 'decision'],
    about: 'request',
    kept: 'process',
  },
  confirmations: {
    holds: 'a second person’s word',
    persons: ['confirmed_by'],
    content: ['reason'],
    plain: ['plan_hash', 'codes'],
    about: 'request',
    kept: 'process',
  },
  acts: {
    holds: 'a person’s intervention',
    persons: ['given_by'],
    content: ['message', 'reason', 'details'],
    plain: ['act', 'step_id'],
    about: 'request',
    kept: 'process',
  },
  approval_rounds: {
    holds: 'a question put to approvers, with its policy',
    persons: ['policy_set_by', 'subject_id'],
    content: ['policy'],
    plain: ['subject_kind', 'subject_hash', 'process', 'policy_from', 'status'],
    kept: 'process',
  },
  approval_votes: {
    holds: 'a vote',
    persons: ['voter', 'on_behalf_of'],
    content: ['reason'],
    plain: ['verdict', 'subject_hash'],
    kept: 'process',
  },
  run_proofs: {
    holds: 'of a run whose customer was erased: outcome, dates, decisions, the certificate’s hash; no name',
    plain: ['proof'],
    kept: { law: 'claims from the contract and proof that it was fulfilled (§§ 195, 199 BGB)', years: KEPT_YEARS },
    notExported: 'made when the customer is erased',
  },
};
