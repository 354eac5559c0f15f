// Names that a language brings, so that a use of them is no reference to anything in the text. Those of
// JavaScript are, besides a few, what the runtime that reads this has itself.

const python = new Set(
  `ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError
  BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError
  ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning
  EnvironmentError Exception ExceptionGroup False FileExistsError FileNotFoundError
  FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError
  IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
  ModuleNotFoundError NameError None NotADirectoryError NotImplemented NotImplementedError OSError
  OverflowError PendingDeprecationWarning PermissionError ProcessLookupError PythonFinalizationError
  RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration
  StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError True TypeError
  UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError
  UnicodeWarning UserWarning ValueError Warning WindowsError ZeroDivisionError abs aiter all anext any
  ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright credits
  delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals
  hasattr hash help hex id input int isinstance issubclass iter len license list locals map max
  memoryview min next object oct open ord pow print property quit range repr reversed round set
  setattr slice sorted staticmethod str sum super tuple type vars zip _`.split(/\s+/),
);

const script = new Set([
  ...Object.getOwnPropertyNames(globalThis),
  ...`arguments undefined require module exports __dirname __filename window document navigator
  location history localStorage sessionStorage screen frames parent top self opener chrome browser
  Element Node NodeList Document DocumentFragment Range Selection Image Audio Option Text Comment
  Window Location Storage XMLHttpRequest IntersectionObserver MutationObserver ResizeObserver
  KeyboardEvent MouseEvent PointerEvent TouchEvent FocusEvent InputEvent WheelEvent DragEvent UIEvent
  EventListener DOMParser CanvasRenderingContext2D requestAnimationFrame cancelAnimationFrame
  getComputedStyle matchMedia importScripts postMessage describe it test expect beforeEach afterEach
  beforeAll afterAll jest vi suite setup teardown Partial Required Readonly Record Pick Omit Exclude
  Extract NonNullable Parameters ConstructorParameters ReturnType InstanceType ThisType Uppercase
  Lowercase Capitalize Uncapitalize Awaited NoInfer ArrayLike PromiseLike Iterable Iterator
  IterableIterator AsyncIterable AsyncIterator AsyncIterableIterator Generator AsyncGenerator
  GeneratorFunction ReadonlyArray ReadonlyMap ReadonlySet TemplateStringsArray PropertyKey
  PropertyDescriptor TypedPropertyDescriptor ClassDecorator MethodDecorator PropertyDecorator
  ParameterDecorator ArrayBufferView ArrayBufferLike BufferSource RegExpExecArray RegExpMatchArray
  RequestInit ResponseInit
  HeadersInit BodyInit NodeJS JSX React const`.split(/\s+/),
]);

/** Whether the language brings a name. */
export function isBuiltIn(language: string, name: string): boolean {
  if (language === "python") return python.has(name) || /^__\w+__$/.test(name);
  return script.has(name) || /^(?:HTML|SVG|CSS|WebGL|RTC)[A-Z]\w*/.test(name);
}
