import NIOCore

/// Runs the parts of a task that belong to no actor on an event loop.
///
/// A continuation is resumed there and not on one of Swift's own threads, which would hand the task over to an actor of
/// the loop at once: two threads would have to be woken for nothing, at ten times the cost.
final class LoopTaskExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
