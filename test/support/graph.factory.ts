import type { GraphStep, RunGraph } from '#libs/process/model';

/** Builds graphs for tests: `graph().step('a').step('b', { dependsOn: ['a'] }).build()`. */
export class GraphFactory {
  private constructor(private readonly graph: RunGraph) {}

  static startingAt(startsAt: string): GraphFactory {
    return new GraphFactory({ startsAt, steps: [] });
  }

  step(id: string, more: Partial<GraphStep> = {}): GraphFactory {
    const step = {
      id,
      system: 'directory',
      dependsOn: [],
      accessCritical: false,
      runsAfterFailure: false,
      notBefore: null,
      undoable: true,
      ...more,
    };
    return new GraphFactory({ ...this.graph, steps: [...this.graph.steps, step] });
  }

  build(): RunGraph {
    return this.graph;
  }
}
