import { describe, expect, it } from '@jest/globals';
import { events, planRejected } from '#libs/events';
import { routes } from './routes.js';

describe('routes', () => {
  it('has a line for every event of the catalogue and no other', () => {
    expect([...routes.keys()].sort()).toEqual([...events.keys()].sort());
  });

  it('only lets events reach a workflow that name its request, or the thing that it serves', () => {
    for (const [type, route] of routes) {
      if (route.does === 'nothing') continue;
      expect(events.get(type)!.sample).toHaveProperty(route.does === 'serve' ? route.id : 'requestId');
    }
  });

  it('gives a workflow what it needs to know of a decision', () => {
    const route = routes.get(planRejected.type);
    if (route?.does !== 'decide') throw new Error('a rejection is signalled');
    const { revision, planHash, decidedBy, reason } = planRejected.sample;
    expect(route.message(planRejected.sample, 'event')).toEqual({
      eventId: 'event',
      decision: 'reject',
      revision,
      planHash,
      decidedBy,
      reason,
    });
  });
});
