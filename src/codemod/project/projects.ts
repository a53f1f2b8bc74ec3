import { Tree } from './tree.ts';
import type { Slice } from './slice.ts';
import type { Config, Configs } from './tsconfig.ts';
import type { Texts } from './types.ts';

/**
 * The programs of a tree, one for each tsconfig that has a file of it. Nothing is loaded before the first question, and
 * one program is there at a time, so that memory does not grow with the tree.
 */
export class Projects {
  /** Where the tree begins: no file outside is looked at, save what its files import. */
  readonly root: string;
  readonly tree: Tree;
  #configs: Configs | null = null;
  readonly #whole = new Map<Config, Config>();
  #current: Slice | null = null;

  constructor(root: string) {
    this.root = root;
    this.tree = new Tree(root);
  }

  async configOf(path: string): Promise<Config> {
    this.#configs ??= new (await import('./tsconfig.ts')).Configs(this.root);
    return this.#configs.of(path);
  }

  /** The same with JavaScript, and whatever else is to be looked at: who calls a function in all of the project's files. */
  async wholeOf(path: string): Promise<Config> {
    const config = await this.configOf(path);
    let whole = this.#whole.get(config);
    if (!whole) {
      whole = { ...config, options: { ...config.options, allowJs: true } };
      this.#whole.set(config, whole);
    }
    return whole;
  }

  /** The program of a config, as texts that are not written make it. It is gone as soon as another one is asked for. */
  async load(config: Config, texts: Texts): Promise<Slice> {
    if (this.#current?.config !== config) {
      const { Slice } = await import('./slice.ts');
      this.dispose();
      this.#current = new Slice(config);
    }
    this.#current.show(texts);
    return this.#current;
  }

  /** Lets go of what is loaded. */
  dispose(): void {
    this.#current?.dispose();
    this.#current = null;
  }
}
