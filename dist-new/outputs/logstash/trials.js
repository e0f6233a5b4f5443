import { eventOf, windowBytes, writeWindow } from './frames.js';
/** While there are suspects, many windows have to show how the connection is. */
const WINDOW_EVENTS = 64;
/** The suspects that one connection has to bring: held back until other events have shown that the connection is well. */
export class Trials {
    options;
    suspects;
    held = [];
    quiet;
    isListed = false;
    isOver = false;
    /** Windows that the connection has taken. */
    taken = 0;
    constructor(options) {
        const { suspects, inFlight, quietMs } = options;
        this.options = options;
        this.suspects = suspects;
        let before = 0;
        this.quiet = setInterval(() => {
            if (this.taken === before && inFlight.events === 0)
                this.list(true);
            before = this.taken;
        }, quietMs).unref();
    }
    /** For `status`; empty when nothing is held back. */
    get words() {
        const { length } = this.held;
        return length === 0 ? '' : `, ${length} held back that may be what makes it end the connection`;
    }
    /** Sets the suspects of a shipment apart; their bytes are kept. */
    hold(batch, shipment) {
        if (this.suspects.size === 0)
            return;
        for (const number of shipment.setApart((id) => this.suspects.has(id))) {
            const part = shipment.part(batch, number, 1, Number.POSITIVE_INFINITY);
            const window = Buffer.allocUnsafeSlow(windowBytes(part));
            writeWindow(batch, part, window);
            const stream = batch.names[batch.streams[shipment.index(number)] ?? 0] ?? '';
            this.held.push({ id: shipment.id(number), part, window, stream });
        }
        this.list();
    }
    /** The connection has taken a window. */
    passed({ shipment, from, to }) {
        this.taken++;
        if (to - from === 1 && this.suspects.size > 0)
            this.suspects.forget(shipment.id(from));
        this.list();
    }
    /** Most events of a window; undefined: there are no suspects, and more than one window may be under way. */
    get windowEvents() {
        return this.suspects.size === 0 ? undefined : WINDOW_EVENTS;
    }
    /**
     * Tries, or gives up, those for which it is time, one after the other and each alone. To be called between two windows.
     * @param anyway nothing else comes that could show how the connection is
     */
    async hear(anyway = false) {
        const { suspects, options, taken } = this;
        const isDue = ({ id }) => anyway || suspects.isTime(id, options.place, taken);
        const at = this.isOver ? -1 : this.held.findIndex(isDue);
        const [held] = at === -1 ? [] : this.held.splice(at, 1);
        if (held === undefined)
            return;
        await options.inFlight.empty();
        if (this.isOver)
            return;
        if (!this.givesUp(held))
            await options.send(held.part, held.window);
        await options.inFlight.empty();
        await this.hear();
    }
    /**
     * No connection any more.
     * @param windows what was under way, in order
     * @param byOther the other side has ended it
     */
    lost(windows, byOther) {
        const { suspects, options, taken } = this;
        this.isOver = true;
        clearInterval(this.quiet);
        const [window, another] = windows;
        if (window === undefined)
            return;
        const { shipment, from, to, acknowledged } = window;
        const id = shipment.id(from);
        // A suspect that is tried says nothing about the others.
        if (!suspects.has(id))
            options.pace.lost(to - from - acknowledged);
        if (!byOther)
            return;
        if (another === undefined && to - from === 1)
            suspects.refused(id, options.place, taken);
        else
            suspects.disturbed();
    }
    /** For when no window comes that it could be between. */
    list(anyway = false) {
        if (this.isListed || this.held.length === 0)
            return;
        this.isListed = true;
        this.options.inTurn(async () => {
            this.isListed = false;
            await this.hear(anyway);
        });
    }
    givesUp({ id, part, window, stream }) {
        const { place } = this.options;
        if (!this.suspects.isGuilty(id, place, this.taken))
            return false;
        const { shipment } = part;
        void shipment.receipt.then(() => this.suspects.kept(id)).catch(() => { });
        const reason = `${place} ends the connection whenever it gets this event, and takes the others`;
        shipment.refuse({ event: eventOf(window), stream, status: 0, type: 'connection_reset', reason });
        return true;
    }
}
