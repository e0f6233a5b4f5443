import { close, fdatasync, fstat, fsync, ftruncate, open, read, write } from 'node:fs';
import { mkdir, open as openDirectory, readdir, rename, rm } from 'node:fs/promises';
import { hasCode } from '../../core/errors.js';
const FLAGS = { read: 'r', write: 'r+', create: 'w+' };
/** The real file system. Files are readable for their owner only. */
export const disk = {
    async makeDirectory(directory) {
        await mkdir(directory, { recursive: true, mode: 0o700 });
    },
    async list(directory) {
        try {
            return await readdir(directory);
        }
        catch (error) {
            if (hasCode(error, 'ENOENT'))
                return [];
            throw error;
        }
    },
    open: (file, how) => new Promise((resolve, reject) => open(file, FLAGS[how], 0o600, (error, fd) => (error ? reject(error) : resolve(new RealFile(fd))))),
    rename,
    remove: (file) => rm(file, { force: true }),
    async syncDirectory(directory) {
        const handle = await openDirectory(directory, 'r');
        try {
            await handle.sync();
        }
        finally {
            await handle.close();
        }
    },
};
/** Callbacks instead of `FileHandle`: a commit is a handful of calls, and promises of the library cost as much as they do. */
class RealFile {
    fd;
    constructor(fd) {
        this.fd = fd;
    }
    size() {
        return new Promise((resolve, reject) => fstat(this.fd, (error, facts) => (error ? reject(error) : resolve(facts.size))));
    }
    async read(into, position) {
        let done = 0;
        while (done < into.length) {
            const count = await this.readOnce(into, done, position + done);
            if (count === 0)
                break;
            done += count;
        }
        return done;
    }
    async write(bytes, position) {
        let done = 0;
        while (done < bytes.length)
            done += await this.writeOnce(bytes, done, position + done);
    }
    sync() {
        return this.settle((done) => fdatasync(this.fd, done));
    }
    async truncate(sizeBytes) {
        await this.settle((done) => ftruncate(this.fd, sizeBytes, done));
        await this.settle((done) => fsync(this.fd, done));
    }
    close() {
        return this.settle((done) => close(this.fd, done));
    }
    readOnce(into, at, position) {
        return new Promise((resolve, reject) => read(this.fd, into, at, into.length - at, position, (error, count) => error ? reject(error) : resolve(count)));
    }
    writeOnce(bytes, at, position) {
        return new Promise((resolve, reject) => write(this.fd, bytes, at, bytes.length - at, position, (error, count) => error ? reject(error) : resolve(count)));
    }
    settle(act) {
        return new Promise((resolve, reject) => act((error) => (error ? reject(error) : resolve())));
    }
}
