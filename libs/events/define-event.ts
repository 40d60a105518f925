import type { Static, TObject } from '@sinclair/typebox';

/** An event as a value: name, version, topic, schema and a sample together. A published version never changes. */
export interface EventDefinition<Schema extends TObject = TObject> {
  /** `de.stellwerk.<context>.<noun>.<past participle>.v<n>` */
  readonly type: string;
  readonly version: number;
  readonly topic: string;
  /** What happened, in one sentence. */
  readonly summary: string;
  readonly schema: Schema;
  readonly sample: Static<Schema>;
}

export type EventData<Definition> = Definition extends EventDefinition<infer Schema> ? Static<Schema> : never;

/**
 * Defines an event. `name` is `<context>.<noun>.<past participle>`; the context also names the topic
 * `stellwerk.<context>.v1`.
 */
export function defineEvent<Schema extends TObject>(
  name: `${string}.${string}.${string}`,
  version: number,
  parts: { summary: string; schema: Schema; sample: Static<Schema> },
): EventDefinition<Schema> {
  const context = name.slice(0, name.indexOf('.'));
  return { type: `de.stellwerk.${name}.v${version}`, version, topic: `stellwerk.${context}.v1`, ...parts };
}
