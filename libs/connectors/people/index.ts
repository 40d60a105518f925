export { manualTask } from './manual-task.block.js';
export { ManualTaskNotAutomatic } from './people-errors.js';
export { PEOPLE, peopleSystem } from './people-system.js';
