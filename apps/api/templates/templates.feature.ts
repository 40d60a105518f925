import type { Feature } from '../feature.js';
import { TemplatesController } from './templates.controller.js';
import { Templates } from './templates.js';

export const templatesFeature: Feature = {
  controllers: [TemplatesController],
  providers: ({ database }) => [{ provide: Templates, useValue: new Templates(database) }],
};
