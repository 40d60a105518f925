import { events, toHeaders, topics, type EventDefinition } from '#libs/events';
import type { JsonObject } from '#libs/kernel';

const SAMPLE = {
  id: '01975d1c-7a00-7000-8000-00000000e001',
  tenant: 'muster',
  request: '01975d1c-7a00-7000-8000-000000000001',
  time: '2026-11-22T08:00:00.000Z',
};

const DESCRIPTION = `Events as CloudEvents 1.0 in Kafka’s binary mode: one header per attribute, the data as JSON in the value.

- Delivery is at least once: know an event by \`ce_id\`.
- Events of one key keep their order; \`ce_sequence\` counts up per key, so ignore one that is not above the last you applied.
- Events carry ids, not personal data: read what they are about through the API.
- A published version never changes; a new one is added beside it.`;

/** The description of our events (AsyncAPI 3.0): a channel per topic, a message per event. */
export function asyncApiDocument(): JsonObject {
  const all = [...events.values()];
  const channels = topics.map((topic) => [
    channelId(topic),
    channel(
      topic,
      all.filter((event) => event.topic === topic),
    ),
  ]);
  const operations = topics.map((topic) => [`send-${channelId(topic)}`, operation(topic)]);
  return {
    asyncapi: '3.0.0',
    info: { title: 'Stellwerk', version: '1', description: DESCRIPTION },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(channels),
    operations: Object.fromEntries(operations),
    components: { messages: Object.fromEntries(all.map((event) => [event.type, message(event)])) },
  };
}

function channelId(topic: string): string {
  return topic.split('.')[1]!;
}

function channel(topic: string, carried: readonly EventDefinition[]): JsonObject {
  const messages = carried.map((event) => [event.type, { $ref: `#/components/messages/${event.type}` }]);
  return { address: topic, summary: `Events of ${channelId(topic)}.`, messages: Object.fromEntries(messages) };
}

function operation(topic: string): JsonObject {
  return {
    action: 'send',
    summary: 'Stellwerk sends; others listen.',
    channel: { $ref: `#/channels/${channelId(topic)}` },
  };
}

function message(event: EventDefinition): JsonObject {
  return {
    name: event.type,
    title: event.type,
    summary: event.summary,
    contentType: 'application/json',
    correlationId: {
      description: 'The request that everything belongs to.',
      location: '$message.header#/ce_correlationid',
    },
    headers: headersSchema(event),
    payload: schemaOf(event),
    bindings: { kafka: { key: { type: 'string', description: '`<tenant>/<aggregate>`' } } },
    examples: [{ name: 'sample', headers: sampleHeaders(event), payload: plain(event.sample) }],
  };
}

/** An event's schema as plain JSON, without TypeBox's own symbols. */
export function schemaOf(event: EventDefinition): JsonObject {
  return plain(event.schema);
}

function headersSchema(event: EventDefinition): JsonObject {
  const text = { type: 'string' };
  return {
    type: 'object',
    required: [
      'content-type',
      ...['specversion', 'id', 'source', 'type', 'time', 'partitionkey', 'tenantid', 'correlationid', 'sequence'].map(
        (name) => `ce_${name}`,
      ),
    ],
    properties: {
      'content-type': { const: 'application/json' },
      ce_specversion: { const: '1.0' },
      ce_id: { type: 'string', format: 'uuid' },
      ce_source: text,
      ce_type: { const: event.type },
      ce_time: { type: 'string', format: 'date-time' },
      ce_partitionkey: { ...text, description: 'Tenant and aggregate, as the record’s key.' },
      ce_tenantid: text,
      ce_correlationid: { ...text, description: 'The request that everything belongs to.' },
      ce_causationid: { ...text, description: 'The event or act that caused this one.' },
      ce_sequence: { type: 'string', pattern: '^[1-9][0-9]*$', description: 'Counts up per key.' },
    },
  };
}

function sampleHeaders(event: EventDefinition): JsonObject {
  const { id, tenant, request, time } = SAMPLE;
  const source = `/stellwerk/${channelId(event.topic)}`;
  const headers = toHeaders({
    id,
    source,
    type: event.type,
    time,
    partitionkey: `${tenant}/request/${request}`,
    tenantid: tenant,
    correlationid: request,
    causationid: null,
  });
  return { ...headers, ce_sequence: '1' };
}

function plain(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
