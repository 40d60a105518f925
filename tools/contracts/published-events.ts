import { events } from '#libs/events';
import { AppError, sameJson, type JsonSchema } from '#libs/kernel';
import { schemaOf } from './asyncapi.js';

/** The schema of every event that was ever published, by type. */
export type PublishedEvents = Readonly<Record<string, JsonSchema>>;

/** Others rely on a published version: it is never changed or taken away, a new one is added beside it. */
export class PublishedEventChanged extends AppError {
  readonly code = 'contracts.published_event_changed';
  readonly title = 'The schema of a published event was changed';
  readonly kind = 'conflict';
}

/** Types whose schema is no longer what was published. */
export function changedEvents(published: PublishedEvents): string[] {
  return Object.entries(published)
    .filter(([type, schema]) => {
      const event = events.get(type);
      return !event || !sameJson(schemaOf(event), schema);
    })
    .map(([type]) => type);
}

/** What is published with the events of today. Throws `PublishedEventChanged`. */
export function withNewEvents(published: PublishedEvents): PublishedEvents {
  const changed = changedEvents(published);
  if (changed.length > 0)
    throw new PublishedEventChanged(`${changed.join(', ')}: restore the schema and add a new version beside it.`);
  const known = Object.fromEntries([...events.values()].map((event) => [event.type, schemaOf(event)]));
  return Object.fromEntries(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1)));
}
