/** Waits for a promise, or throws the signal's reason as soon as it is aborted. */
export async function abortable(promise, signal) {
    signal.throwIfAborted();
    let abort = () => { };
    const aborted = new Promise((_, reject) => {
        abort = () => reject(signal.reason);
        signal.addEventListener('abort', abort, { once: true });
    });
    try {
        return await Promise.race([promise, aborted]);
    }
    finally {
        signal.removeEventListener('abort', abort);
    }
}
