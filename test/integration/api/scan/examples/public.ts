import type { RouteExamples } from '../example.js';

/** Open to everybody: they show nothing of a tenant. */
export const publicExamples: RouteExamples = {
  listSigningKeys: () => ({}),
  live: () => ({}),
  ready: () => ({}),
};
