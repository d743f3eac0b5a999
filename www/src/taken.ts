import { useEffect } from 'preact/hooks';

/** Pasted, dropped or opened input. */
export type Input = string | Uint8Array;

/** Takes what is dropped on the page or pasted anywhere on it. */
export function useTaken(take: (input: Input) => void, setDropping: (dropping: boolean) => void): void {
  useEffect(() => {
    const over = (event: DragEvent) => {
      event.preventDefault();
      setDropping(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setDropping(false);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setDropping(false);
      void takeFrom(event.dataTransfer);
    };
    const paste = (event: ClipboardEvent) => {
      // Fields handle their own paste events.
      const { target } = event;
      const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
      const hasFile = (event.clipboardData?.files.length ?? 0) > 0;
      if (isField && !(hasFile && target.id === 'input')) return;
      event.preventDefault();
      void takeFrom(event.clipboardData);
    };
    const takeFrom = async (data: DataTransfer | null) => {
      const file = data?.files[0];
      const text = data?.getData('text') ?? '';
      if (file !== undefined) take(await contentOf(file));
      else if (text !== '') take(text);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    addEventListener('paste', paste);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
      removeEventListener('paste', paste);
    };
  }, []);
}

/** The content of a file: as text if it looks like text, so that it can be edited. */
export async function contentOf(file: File): Promise<Input> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isText = bytes.subarray(0, 4096).every((byte) => byte >= 0x20 || (byte >= 9 && byte <= 13));
  return isText ? new TextDecoder().decode(bytes) : bytes;
}
