/** The groups and datasets of an HDF5 file, each once, without their elements. */

import type { ByteSource } from '../files/byteSource';
import type { AttributeValue } from './attributes';
import { readAttributes } from './attributes';
import type { Hdf5File } from './cursor';
import type { Hdf5Dataset } from './dataset';
import { isDataset, readDataset } from './dataset';
import { GlobalHeaps } from './globalHeap';
import type { Link } from './links';
import { readLinks } from './links';
import type { ObjectHeader } from './objectHeader';
import { messageTypes, readHeader } from './objectHeader';
import { openSuperblock } from './superblock';

export interface Hdf5Group {
  readonly kind: 'group';
  /** Of the first link to it. */
  readonly path: string;
  /** By name, in the order of their making where the file keeps it, else of their names. An object of several links is the same in all places. */
  readonly groups: ReadonlyMap<string, Hdf5Group>;
  readonly datasets: ReadonlyMap<string, Hdf5Dataset>;
  /** What else has a name in it, and why that is not followed, as a clause. */
  readonly others: ReadonlyMap<string, string>;
  /** Read when they are asked for. */
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** Groups in groups; networks are nested some levels deep, at about three groups each. */
const deepest = 256;
/** Groups and datasets of a file; each costs some reads. */
const mostObjects = 200_000;

/** Reads the structure. The source has to stay open as long as attributes are asked for. */
export function readHdf5(source: ByteSource): Hdf5Group {
  const { file, root } = openSuperblock(source);
  return new Reader(file).read(root);
}

/** All datasets below a group, each once. */
export function* datasetsOf(group: Hdf5Group, seen = new Set<Hdf5Group | Hdf5Dataset>()): Generator<Hdf5Dataset> {
  for (const dataset of group.datasets.values()) {
    if (seen.has(dataset)) continue;
    seen.add(dataset);
    yield dataset;
  }
  for (const below of group.groups.values()) {
    if (seen.has(below)) continue;
    seen.add(below);
    yield* datasetsOf(below, seen);
  }
}

interface OpenGroup extends Hdf5Group {
  readonly groups: Map<string, OpenGroup>;
  readonly datasets: Map<string, Hdf5Dataset>;
  readonly others: Map<string, string>;
}

type Found = OpenGroup | Hdf5Dataset | 'type' | 'ancestor';

/** A soft link whose target may not have been read when it was come by. */
interface SoftLink {
  readonly group: OpenGroup;
  readonly name: string;
  readonly target: string;
}

class Reader {
  readonly #file: Hdf5File;
  readonly #heaps: GlobalHeaps;
  /** By the address of the header. A group that is still being read contains what is being read: it is an ancestor. */
  readonly #objects = new Map<number, Found>();
  readonly #softLinks: SoftLink[] = [];

  constructor(file: Hdf5File) {
    this.#file = file;
    this.#heaps = new GlobalHeaps(file);
  }

  read(address: number): Hdf5Group {
    const root = this.#object(address, '/', 0);
    if (typeof root === 'string' || root.kind !== 'group') throw this.#file.broken('its root is not a group', this.#file.base + address);
    for (const link of this.#softLinks) this.#resolve(link, root);
    return root;
  }

  #object(address: number, path: string, depth: number): Found {
    const known = this.#objects.get(address);
    if (known !== undefined) return known;
    if (depth > deepest) throw this.#file.unsupported(`its groups are nested more than ${deepest} levels deep`);
    if (this.#objects.size >= mostObjects) throw this.#file.unsupported(`it has more than ${mostObjects} groups and datasets`);
    this.#objects.set(address, 'ancestor');
    const found = this.#read(readHeader(this.#file, address), path, depth);
    this.#objects.set(address, found);
    return found;
  }

  #read(header: ObjectHeader, path: string, depth: number): Found {
    const attributes = this.#attributes(header.address);
    if (isDataset(header)) return readDataset(this.#file, header, path, attributes);
    const has = (type: number): boolean => header.messages.some((message) => message.type === type);
    if (has(messageTypes.datatype)) return 'type';
    const group: OpenGroup = { kind: 'group', path, groups: new Map(), datasets: new Map(), others: new Map(), get attributes() { return attributes(); } };
    const links = readLinks(this.#file, header);
    const names = new Set(links.map(({ name }) => name));
    if (names.size < links.length) throw this.#file.broken(`${path} has two links of one name`, this.#file.base + header.address);
    for (const link of links) this.#put(group, link, depth);
    return group;
  }

  /** Few are asked for, so that reading a header again takes less than keeping all. */
  #attributes(address: number): () => ReadonlyMap<string, AttributeValue> {
    let attributes: ReadonlyMap<string, AttributeValue> | null = null;
    return () => attributes ??= readAttributes(this.#file, this.#heaps, readHeader(this.#file, address));
  }

  #put(group: OpenGroup, link: Link, depth: number): void {
    const { name } = link;
    if (link.kind === 'foreign') group.others.set(name, link.why);
    else if (link.kind === 'soft') this.#softLinks.push({ group, name, target: link.target });
    else {
      const found = this.#object(link.address, group.path === '/' ? `/${name}` : `${group.path}/${name}`, depth + 1);
      if (found === 'type') group.others.set(name, 'is a type, not a dataset');
      else if (found === 'ancestor') group.others.set(name, 'is a group that it is itself in, which is not followed');
      else if (found.kind === 'group') group.groups.set(name, found);
      else group.datasets.set(name, found);
    }
  }

  /** To a dataset a soft link is as good as any; through a group it could lead back to where it is. */
  #resolve({ group, name, target }: SoftLink, root: OpenGroup): void {
    const steps = target.split('/').filter((step) => step !== '' && step !== '.');
    const last = steps.pop() ?? '';
    let at: OpenGroup | undefined = target.startsWith('/') ? root : group;
    for (const step of steps) at = at?.groups.get(step);
    const dataset = at?.datasets.get(last);
    const why = at?.groups.has(last) === true ? 'which is not followed, because it is a group' : 'where no dataset was found';
    if (dataset) group.datasets.set(name, dataset);
    else group.others.set(name, `is a link to ${target}, ${why}`);
  }
}
