const tools = new URL('../../../tools/', import.meta.url);

/**
 * Loads a module of `tools/`, which is plain JavaScript because it runs before anything is installed. The test states
 * the part of the module that it uses as `Module`.
 */
export async function toolModule<Module>(path: string): Promise<Module> {
  return (await import(new URL(path, tools).href)) as Module;
}
