import type { TableData } from './table-data.js';

/** Who is reachable when, and how. */
export const ONCALL_DATA: Readonly<Record<string, TableData>> = {
  teams: {
    holds: 'a team of people who are told together',
    persons: ['members', 'set_by'],
    content: ['name'],
    kept: 'customer',
  },
  oncall_schedules: {
    holds: 'a schedule of who is on call',
    persons: ['created_by'],
    content: ['name'],
    kept: 'customer',
  },
  oncall_versions: {
    holds: 'the people and turns of a schedule, from an instant on',
    persons: ['set_by'],
    content: ['layers'],
    plain: ['timezone'],
    kept: 'customer',
  },
  oncall_swaps: {
    holds: 'that somebody gives a span on call to somebody else',
    persons: ['giver', 'taker', 'proposed_by', 'answered_by'],
    plain: ['status'],
    kept: 'customer',
  },
  oncall_overrides: {
    holds: 'a span that somebody takes instead of whose turn it is',
    persons: ['person', 'entered_by', 'withdrawn_by'],
    content: ['reason'],
    kept: 'customer',
  },
  contact_methods: {
    holds: 'a way to reach somebody who is on call',
    persons: ['subject', 'address'],
    plain: ['kind'],
    kept: 'customer',
  },
  oncall_feeds: {
    holds: 'an address at which a calendar program finds shifts',
    persons: ['owner'],
    secret: ['token_hash'],
    kept: 'customer',
  },
};
