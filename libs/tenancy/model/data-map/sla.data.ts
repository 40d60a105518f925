import type { TableData } from './table-data.js';

/** What is promised, and what became of it. */
export const SLA_DATA: Readonly<Record<string, TableData>> = {
  sla_calendars: {
    holds: 'a version of when service is given',
    persons: ['saved_by'],
    content: ['body'],
    plain: ['name'],
    kept: 'customer',
  },
  sla_policies: {
    holds: 'a version of what a tier promises',
    persons: ['saved_by'],
    content: ['body'],
    plain: ['tier'],
    kept: 'customer',
  },
  sla_tiers: {
    holds: 'which tier a customer has',
    persons: ['set_by'],
    plain: ['tier'],
    kept: 'customer',
  },
  sla_changes: {
    holds: 'a change of what is promised, and how many open tickets followed it',
    persons: ['made_by'],
    content: ['reason'],
    plain: ['kind', 'name'],
    kept: 'customer',
  },
  sla_verdicts: {
    holds: 'what a closed ticket’s clocks said, and what they were computed from',
    content: ['clocks', 'inputs'],
    plain: ['type', 'priority'],
    kept: 'customer',
  },
};
