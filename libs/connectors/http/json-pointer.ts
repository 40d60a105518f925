import type { Json } from '#libs/kernel';

/** The value a JSON Pointer (RFC 6901) leads to; undefined when there is none. */
export function atPointer(value: Json, pointer: string): Json | undefined {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce<Json | undefined>((inner, key) => {
    if (inner === null || typeof inner !== 'object') return undefined;
    return Object.hasOwn(inner, key) ? (inner as { readonly [key: string]: Json })[key] : undefined;
  }, value);
}
