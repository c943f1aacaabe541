// The steps that wait on this device: one store of IndexedDB, photos in it as they are.

const name = "andon-desk", table = "steps"

function opened() {
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(name, 1)
        request.onupgradeneeded = () => request.result.createObjectStore(table, { keyPath: "key" })
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
        request.onblocked = () => reject(new Error("the store is open elsewhere"))
    })
}

async function run(mode, body) {
    const database = await opened()
    try {
        return await new Promise((resolve, reject) => {
            const transaction = database.transaction(table, mode)
            const request = body(transaction.objectStore(table))
            transaction.oncomplete = () => resolve(request.result)
            transaction.onerror = () => reject(transaction.error)
            transaction.onabort = () => reject(transaction.error)
        })
    } finally {
        database.close()
    }
}

/** All steps, of whoever. */
export const all = () => run("readonly", store => store.getAll())
/** Resolves when the step is kept. */
export const put = step => run("readwrite", store => store.put(step))
export const remove = key => run("readwrite", store => store.delete(key))
