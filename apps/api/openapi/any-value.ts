/** Schema of a field’s value. Left to itself, Swagger calls what TypeScript does not know an object. */
export const ANY_VALUE = {
  anyOf: [
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
    { type: 'array', items: {} },
    { type: 'object', additionalProperties: true },
    { type: 'null' },
  ],
  description: 'Any JSON value.',
};
