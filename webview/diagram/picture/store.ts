/**
 * The picture that fills the drawing: what was said of it, and what its layers put out, fetched for what can be seen and
 * kept small. The values themselves are many megabytes for a large network: those of a few layers are kept.
 */
import type { FromDiagram, ToDiagram } from '../../../protocol/webview';
import { activationOf } from '../../shared/maps';
import { drawnForm, type LayerValues, valuesOf } from './drawnMaps';
import { pictureThumbnail, type Thumbnails, thumbnailsOf } from './thumbnails';

type Message = Extract<ToDiagram, { type: 'picture' }>;
export type PictureState = NonNullable<Message['picture']>;
export type SeenState = Extract<PictureState, { state: 'seen' }>;
export type SeenLayer = SeenState['layers'][number];
type Answer = Extract<ToDiagram, { type: 'activation' | 'activationFailed' }>;

const mostUnderWay = 2;
const mostKept = 3;

export class PictureStore {
  private modelId: string | null = null;
  private state: PictureState | null = null;
  private layers = new Map<string, SeenLayer>();
  private readonly byName = new Map<string, Thumbnails>();
  private readonly values = new Map<string, LayerValues>();
  private readonly failures = new Map<string, string>();
  private input: Thumbnails | null = null;
  private wanted: string[] = [];
  private readonly underWay = new Set<string>();
  /** A new object whenever there is something new in it. */
  private current: ReadonlyMap<string, Thumbnails> = new Map();

  constructor(
    private readonly post: (message: FromDiagram) => void,
    private readonly changed: () => void,
  ) {}

  show({ modelId, picture }: Message): void {
    const isSame =
      picture?.state === 'seen' && this.state?.state === 'seen' && picture.session === this.state.session;
    if (!isSame) {
      this.byName.clear();
      this.values.clear();
      this.failures.clear();
      this.underWay.clear();
      this.input = picture?.state === 'seen' ? pictureThumbnail(picture.input) : null;
    }
    this.modelId = modelId;
    this.state = picture;
    this.layers = new Map(picture?.state === 'seen' ? picture.layers.map((layer) => [layer.key, layer]) : []);
    this.refresh();
    this.fetchNext();
  }

  /** What fills the drawing of this model. */
  of(modelId: string): PictureState | null {
    return modelId === this.modelId ? this.state : null;
  }

  layer(key: string): SeenLayer | undefined {
    return this.layers.get(key);
  }

  isInput(key: string): boolean {
    return this.state?.state === 'seen' && this.state.inputKeys.includes(key);
  }

  get inputThumbnail(): Thumbnails | null {
    return this.input;
  }

  /** By the keys of drawn layers. */
  get thumbnails(): ReadonlyMap<string, Thumbnails> {
    return this.current;
  }

  failureOf(name: string): string | undefined {
    return this.failures.get(name);
  }

  /** The values of a layer; undefined until `wantValues` has brought them. */
  valuesOf(name: string): LayerValues | undefined {
    return this.values.get(name);
  }

  wantValues(name: string): void {
    const known = this.values.get(name);
    if (known) {
      // The latest looked at is dropped last.
      this.values.delete(name);
      this.values.set(name, known);
    } else if (!this.failures.has(name)) this.fetch(name);
  }

  /** These layers can be seen. What was wanted before and cannot be seen any more is not fetched. */
  want(keys: readonly string[]): void {
    this.wanted = keys.flatMap((key) => (this.isInput(key) ? [] : (this.layers.get(key)?.name ?? [])));
    this.fetchNext();
  }

  receive(message: Answer): void {
    if (this.state?.state !== 'seen' || message.session !== this.state.session) return;
    const { layer } = message;
    this.underWay.delete(layer);
    if (message.type === 'activationFailed') this.failures.set(layer, message.message);
    else {
      const values = valuesOf(activationOf(drawnForm(message), new Float32Array(message.data)));
      this.values.set(layer, values);
      if (this.values.size > mostKept) this.values.delete(this.values.keys().next().value!);
      this.byName.set(layer, thumbnailsOf(values));
    }
    this.refresh();
    this.fetchNext();
  }

  private fetchNext(): void {
    for (const name of this.wanted) {
      if (this.underWay.size >= mostUnderWay) return;
      if (!this.byName.has(name) && !this.failures.has(name)) this.fetch(name);
    }
  }

  private fetch(layer: string): void {
    if (this.state?.state !== 'seen' || this.underWay.has(layer)) return;
    this.underWay.add(layer);
    this.post({ type: 'fetchActivation', session: this.state.session, layer });
  }

  private refresh(): void {
    const next = new Map<string, Thumbnails>();
    for (const [key, { name }] of this.layers) {
      const known = this.byName.get(name);
      if (known) next.set(key, known);
    }
    if (this.state?.state === 'seen' && this.input) {
      for (const key of this.state.inputKeys) next.set(key, this.input);
    }
    this.current = next;
    this.changed();
  }
}
