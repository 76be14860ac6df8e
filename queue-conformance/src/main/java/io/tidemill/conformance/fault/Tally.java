package io.tidemill.conformance.fault;

import io.tidemill.conformance.fault.Verdict.Figures;
import io.tidemill.conformance.fault.Verdict.Finding;
import java.util.ArrayList;
import java.util.List;

/** What the judging of single jobs adds up to. Called on one thread. */
final class Tally {

    long acknowledged;
    long unknown;
    long recovered;
    long succeeded;
    long maybeSucceeded;
    long dead;
    long runs;
    long runsAfterFailure;
    long runsAfterRelease;
    long runsAfterLease;
    long stale;
    long endsUnknown;
    long steps;
    private final List<Finding> findings = new ArrayList<>();

    void found(Finding finding) {
        findings.add(finding);
    }

    Verdict verdict() {
        return new Verdict(
                new Figures(
                        acknowledged,
                        unknown,
                        recovered,
                        succeeded,
                        maybeSucceeded,
                        dead,
                        runs,
                        runsAfterFailure,
                        runsAfterRelease,
                        runsAfterLease,
                        stale,
                        endsUnknown,
                        steps),
                findings);
    }
}
