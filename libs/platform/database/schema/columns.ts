import type { ColumnType } from 'kysely';

/** A JSON column: read as the parsed value, written as JSON text. */
export type JsonColumn<T> = ColumnType<T, string, string>;
export type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;
export type At = ColumnType<Date, Date | string | undefined, Date | string>;
export type MaybeAt = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
