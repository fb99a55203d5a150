// Replaces Intl.Segmenter in the bundle: libraries make one when they are loaded, which reads ICU's tables of all scripts (20 ms and
// several MB), and most texts on a screen never need it.
const RealSegmenter = Reflect.get(Intl, 'Segmenter') as typeof Intl.Segmenter // the bundler would replace Intl.Segmenter here, too

/** A segmenter that is made when the first text is segmented. */
export class LazySegmenter {
  private readonly options: ConstructorParameters<typeof Intl.Segmenter>
  private segmenter: Intl.Segmenter | undefined

  constructor(...options: ConstructorParameters<typeof Intl.Segmenter>) {
    this.options = options
  }

  segment(text: string): Intl.Segments {
    this.segmenter ??= new RealSegmenter(...this.options)
    return this.segmenter.segment(text)
  }
}
