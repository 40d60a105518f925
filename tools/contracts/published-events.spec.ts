import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { changedEvents, withNewEvents, type PublishedEvents } from './published-events.js';

const published = JSON.parse(readFileSync('libs/events/published.json', 'utf8')) as PublishedEvents;
const [type, schema] = Object.entries(published)[0]!;

describe('published events', () => {
  it('are as they were published', () => {
    expect(changedEvents(published)).toEqual([]);
  });

  it('must not be taken away or changed', () => {
    const gone = { 'de.stellwerk.request.gone.v1': {}, ...published };
    expect(changedEvents(gone)).toEqual(['de.stellwerk.request.gone.v1']);
    const changed = { ...published, [type]: { ...schema, required: ['another'] } };
    expect(changedEvents(changed)).toEqual([type]);
    expect(() => withNewEvents(changed)).toThrow(
      expect.objectContaining({ code: 'contracts.published_event_changed' }),
    );
  });

  it('get new ones beside them', () => {
    const before = Object.fromEntries(Object.entries(published).filter(([other]) => other !== type));
    expect(withNewEvents(before)).toEqual(published);
  });
});
