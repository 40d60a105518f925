import type { Feature } from '../feature.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeys } from './api-keys.js';

export const apiKeysFeature: Feature = {
  controllers: [ApiKeysController],
  providers: ({ database }) => [{ provide: ApiKeys, useValue: new ApiKeys(database) }],
};
