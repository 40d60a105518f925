import type { Feature } from '../feature.js';
import { ApiDocument } from './api-document.js';
import { DocsController } from './docs.controller.js';

export const docsFeature: Feature = {
  controllers: [DocsController],
  providers: () => [{ provide: ApiDocument, useValue: new ApiDocument() }],
};
