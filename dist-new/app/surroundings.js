/** A stream of the spool, with the cursors of all outputs on it. @param name as `Spool.open` takes it */
export async function openStream(name, { spool, store, lanes }, settings) {
    const stream = await spool.open(name, (id) => Object.values(store.streamCursors(id)), settings);
    store.addStream(stream.id, name, stream.beginning);
    for (const { name: output } of lanes) {
        const cursor = store.cursor(stream.id, output);
        if (cursor !== undefined)
            stream.settled(output, cursor.offset, cursor.checkpoint.offset);
    }
    return stream;
}
