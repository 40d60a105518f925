import type { RouteExamples } from '../example.js';

const office = { timezone: 'Europe/Berlin', weekly: { mon: [['08:00', '18:00']] }, holidays: ['2026-12-28'] };

export const slaExamples: RouteExamples = {
  previewSla: () => ({
    body: {
      calendar: office,
      targetMinutes: 60,
      startedAt: '2026-11-23T09:00:00+01:00',
      pauses: [{ from: '2026-11-23T09:30:00+01:00', to: '2026-11-23T09:45:00+01:00' }],
      changes: [{ at: '2026-11-23T09:50:00+01:00', targetMinutes: 120, policy: 'recompute' }],
      now: '2026-11-23T10:00:00+01:00',
    },
  }),
};
